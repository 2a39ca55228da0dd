/*
 * The path of a Unix socket, which outlives the socket and then makes bind(2)
 * fail.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_UNIX_SOCKET_H
#define PRONG_MASTER_UNIX_SOCKET_H

#include <sys/socket.h>

/* The path of that address; NULL: it is none of a Unix socket. Empty for an
 * abstract one. */
const char *unix_socket_path(const struct sockaddr *address);

/*
 * Removes the socket at that address when a connection of that type (SOCK_STREAM,
 * SOCK_SEQPACKET) is refused, so that nobody listens there any more. It does not
 * wait: a server whose backlog is full lives. 1: removed; 0: nothing is there, or
 * it is no Unix socket's address; -1 and errno: EADDRINUSE when somebody listens,
 * ENOTSOCK when something else is there.
 */
int unix_socket_remove_stale(const struct sockaddr *address, socklen_t length,
    int type);

/* Unlinks the path that a socket is bound to, if it is a Unix socket's. */
void unix_socket_unlink(int fd);

#endif
