/*
 * Faults of the client's socket that no client can cause, as where a policy
 * refuses a system call: the administrator is told, once a connection.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_SOCKET_FAULT_H
#define PRONG_MESSAGE_SOCKET_FAULT_H

#include <stdbool.h>

/* Called after a system call on that descriptor has failed. what: "receive from
 * the client". *is_told belongs to the connection, and is false at first. errno
 * stays unchanged. */
void socket_fault_note(bool *is_told, const char *call, int fd,
    const char *what);

#endif
