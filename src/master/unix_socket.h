/*
 * The path of a Unix socket. It stays when the socket is closed, and bind(2)
 * fails then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_UNIX_SOCKET_H
#define PRONG_MASTER_UNIX_SOCKET_H

#include <sys/socket.h>

/* The path of that address; NULL when it is not a Unix socket's; "" for an
 * abstract one. */
const char *unix_socket_path(const struct sockaddr *address);

/*
 * Removes the socket at that address when a connection of that type
 * (SOCK_STREAM, SOCK_SEQPACKET) is refused, because no process listens there
 * any more. The connection does not wait: a server whose backlog is full is
 * alive. 1: removed; 0: no file is there, or the address is not a Unix
 * socket's; -1 and errno: EADDRINUSE when a process listens, ENOTSOCK when the
 * file is not a socket.
 */
int unix_socket_remove_stale(const struct sockaddr *address, socklen_t length,
    int type);

/* Unlinks the path that a socket is bound to, if it is a Unix socket's. */
void unix_socket_unlink(int fd);

#endif
