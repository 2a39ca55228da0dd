/*
 * Listeners: sockets that the master opens once and keeps, so that no client is
 * refused while generations come and go.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_LISTENER_H
#define PRONG_LISTENER_H

#include "address.h"

/* socket, bind, listen; close-on-exec and not blocking. Logs where it listens
 * (with the port that the kernel chose for port 0). A Unix socket that nobody
 * listens at any more is replaced. The descriptor, or -1 after logging. */
int listener_open(const struct address *address);

/* Closes it, and unlinks the path of a Unix socket. */
void listener_close(int fd);

#endif
