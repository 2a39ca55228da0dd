/*
 * A listener: a socket that the master opens, for an address of the
 * configuration.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LISTENER_H
#define PRONG_MASTER_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "master/unix_socket.h"

struct address;

struct listener {
	char *text; /* as the configuration has it */
	int fd;
	struct unix_socket_place place; /* of a path that was bound here */
};

/*
 * Opens a listener without text: close-on-exec and not blocking. Logs where it
 * listens (with the port that the kernel chose for port 0). A Unix socket that
 * nobody listens at any more is replaced. If another process listens at an IP
 * address, it is tried again until until_ms of clock_ms. False after logging.
 */
bool listener_open(struct listener *listener, const struct address *address,
    int64_t until_ms);

/* Closes it, and removes its path if that is still its own. */
void listener_close(const struct listener *listener);

#endif
