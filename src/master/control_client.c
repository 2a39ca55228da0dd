/* SPDX-License-Identifier: ISC */
#include "master/control_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

void
control_client_drop(struct control_client *client)
{
	close(client->fd);
	*client = CONTROL_CLIENT_FREE;
}

bool
control_client_tell(struct control_client *client, const char *message)
{
	if (send(client->fd, message, strlen(message),
		MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return true;
	control_client_drop(client);
	return false;
}

void
control_client_end(struct control_client *client, int status)
{
	char message[32];

	snprintf(message, sizeof(message), "end %d", status);
	if (control_client_tell(client, message))
		control_client_drop(client);
}

void
control_client_tell_and_end(struct control_client *client, const char *message,
    int status)
{
	if (control_client_tell(client, message))
		control_client_end(client, status);
}

/* Once it has asked: what is left unread would end the connection before the
 * message is read. */
static void
refuse(struct control_client *client)
{
	char message[128];

	log_warning("control socket: a request is refused: %s",
	    client->refusal);
	snprintf(message, sizeof(message), "say error: %s", client->refusal);
	control_client_tell_and_end(client, message, 1);
}

static bool
take_request(struct control_client *client, char *message)
{
	client->request = control_request_parse(message);
	client->has_asked = client->request.topic != CONTROL_NOTHING;
	if (!client->has_asked)
		control_client_tell_and_end(client,
		    "say error: this prongd does not know that request", 2);
	return client->has_asked;
}

bool
control_client_receive(struct control_client *client)
{
	char message[128];
	ssize_t n = recv(client->fd, message, sizeof(message) - 1,
	    MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		control_client_drop(client);
		return false;
	}
	if (client->refusal) {
		refuse(client);
		return false;
	}
	if (client->request.topic != CONTROL_NOTHING)
		return false;
	message[n] = '\0';
	return take_request(client, message);
}
