/*
 * Tells the service manager how the service is (sd_notify(3)); does nothing
 * when NOTIFY_SOCKET is not set.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_NOTIFY_H
#define PRONG_NOTIFY_H

/* Takes NOTIFY_SOCKET out of the environment, for no other process to have. */
void notify_init(void);

/* "READY=1", "STOPPING=1", "STATUS=..."; lines are separated by newlines. */
void notify_send(const char *state);

#endif
