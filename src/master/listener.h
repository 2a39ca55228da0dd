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

#include "master/holder.h"
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
 * address, it is tried again until until_ms of clock_ms. beside: another socket of
 * this process listens at an address that overlaps, and listener_share has been
 * called for it. False after logging.
 */
bool listener_open(struct listener *listener, const struct address *address,
    int64_t until_ms, bool beside);

/* Whether the kernel lets a socket of the same user listen at an address that
 * overlaps (SO_REUSEPORT of socket(7)). */
void listener_share(int fd, bool is_shared);

/* Whether the kernel gives a connection to accept(2) only when the client has sent
 * something, or a second after it has connected (TCP_DEFER_ACCEPT of tcp(7)). No
 * matter for Unix sockets. */
void listener_defer(int fd, bool is_deferred);

/*
 * The socket takes no new client from now on, but those who have begun to connect
 * (RFC 9293 3.5): it is bound to an interface that does not exist. Others get to
 * whoever listens there, too. A socket that is closed without this resets the
 * connections that are half open.
 */
void listener_take_no_more(int fd);

/* Whether a socket could be bound there now; none stays, and nobody notices. 0 or
 * an errno. Not for the path of a Unix socket. */
int listener_try(const struct address *address);

/* Room for the end of a message, with its NUL. */
#define LISTENER_ADVICE_BYTES (HOLDER_TEXT_BYTES + 64)

/* What to do about that errno of an address: a text that begins with a colon, or
 * "". It may be in text. */
const char *listener_advice(int error, const struct address *address,
    char text[LISTENER_ADVICE_BYTES]);

/* Closes it, and removes its path if that is still its own. */
void listener_close(const struct listener *listener);

#endif
