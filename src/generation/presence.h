/*
 * Presence: whether the client of a connection is still there, by what the
 * kernel says of the connection's socket (sock_diag(7)). The generation has no
 * descriptor of that socket, and the process of the connection may be busy, or
 * block signals. A client that has closed its sending side alone is there; so is
 * a TCP client that has closed both, until its host is sent an octet and resets
 * the connection, because TCP cannot tell these two apart.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PRESENCE_H
#define PRONG_GENERATION_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* The names of a connection's socket: its own address and the client's, or its
 * inode where it is a Unix socket. */
struct presence {
	struct address client, server;
	uint32_t inode;
	uint32_t cookie[2]; /* of the kernel, since the first response */
	bool has_cookie;    /* another connection with these addresses is not
			     * this one */
};

/* Opens a socket to the kernel, for connections of these listeners. -1 after
 * logging why clients that leave will not be noticed. */
int presence_open(const int *listeners, size_t count);

/* Notes an accepted socket of that client. */
void presence_note(struct presence *presence, int socket,
    const struct address *client);

/* Asks by that socket whether the client has gone; false if the kernel does not
 * say. Never waits. */
bool presence_has_gone(int kernel, struct presence *presence);

#endif
