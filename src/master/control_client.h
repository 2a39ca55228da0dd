/*
 * A client of the control socket, and the messages between it and the master
 * (base/control_protocol.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_CONTROL_CLIENT_H
#define PRONG_MASTER_CONTROL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "master/control_request.h"

struct control_client {
	int fd; /* -1: free */
	struct control_request request;
	bool has_asked;	     /* not yet taken by control_take */
	const char *refusal; /* why the client may not ask; NULL: it may */
};

#define CONTROL_CLIENT_FREE ((struct control_client){ .fd = -1 })

/* Takes a message. Whether the message is a request, the only one of this
 * client, and the client may ask. Otherwise the client is told why not. */
bool control_client_receive(struct control_client *client);

/* Sends a message. False: the client was dropped, since it is slow to read. */
bool control_client_tell(struct control_client *client, const char *message);

/* The same, with descriptors, which stay open here. */
bool control_client_pass(struct control_client *client, const char *message,
    const int *fds, size_t count);

/* Sends the status, and drops the client. */
void control_client_end(struct control_client *client, int status);

/* Both. */
void control_client_tell_and_end(struct control_client *client,
    const char *message, int status);

/* Closes a socket without a wait for what its clients have sent. */
void control_client_close(int fd);

/* Closes the connection; the structure is free for another client. */
void control_client_drop(struct control_client *client);

#endif
