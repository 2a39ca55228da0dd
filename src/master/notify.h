/*
 * Tells the service manager the state of the service (sd_notify(3)), and that
 * it is alive (sd_watchdog_enabled(3)); does nothing when the environment does
 * not ask for it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_NOTIFY_H
#define PRONG_MASTER_NOTIFY_H

#include <stdint.h>

/* Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment, so
 * that no child has them. */
void notify_init(void);

/* Puts the variables back for an execve in this process, so that notify_init of
 * the next program takes them. Call notify_init also when the execve has
 * failed. -1 with errno. */
int notify_export(void);

/* notify_ready: the service serves, for the first time or after
 * notify_reloading. The status is a line for people. */
void notify_ready(const char *format, ...)
    __attribute__((__format__(__printf__, 1, 2)));
void notify_status(const char *format, ...)
    __attribute__((__format__(__printf__, 1, 2)));

/* A reload has begun; call notify_ready when it has succeeded or failed. */
void notify_reloading(void);

/* The service stops within most_ms: extends the manager's own limit. */
void notify_stopping(int64_t most_ms);

/* The present start, reload or stop may take most_ms from now. */
void notify_extend(int64_t most_ms);

/* The time within which the manager expects a message of this process; 0: it
 * expects none. */
int64_t notify_watchdog_ms(void);

/* Sends that message when it is due, which is twice in that time. Returns when
 * the next one is due; INT64_MAX: never. Call this in each round of the loop.
 * */
int64_t notify_alive(int64_t now_ms);

#endif
