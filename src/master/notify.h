/*
 * Tells the service manager how the service is (sd_notify(3)), and that it is
 * alive (sd_watchdog_enabled(3)); does nothing when the environment does not
 * ask for it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_NOTIFY_H
#define PRONG_MASTER_NOTIFY_H

#include <stdint.h>

/* Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment,
 * for no other process to have. */
void notify_init(void);

/* Puts them back for an execve in this process, after which notify_init has
 * them again; it also undoes this when the execve has failed. -1 with errno. */
int notify_export(void);

/* Serving, for the first time or after notify_reloading; the status is a line
 * for people. */
void notify_ready(const char *format, ...)
    __attribute__((__format__(__printf__, 1, 2)));
void notify_status(const char *format, ...)
    __attribute__((__format__(__printf__, 1, 2)));

/* A reload has begun; notify_ready ends it, however it went. */
void notify_reloading(void);

/* Stopping, which may take so long: the manager's own limit is extended. */
void notify_stopping(int64_t most_ms);

/* Whatever is going on may take so long from now. */
void notify_extend(int64_t most_ms);

/* The time within which the manager wants to hear of this process; 0: it does
 * not ask. */
int64_t notify_watchdog_ms(void);

/* Says that it is alive when that is due, which is twice in that time. When it
 * is due next; INT64_MAX: never. Call it whenever the loop comes round. */
int64_t notify_alive(int64_t now_ms);

#endif
