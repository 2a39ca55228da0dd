/* SPDX-License-Identifier: ISC */
#include "master/generation_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "master/generations.h"
#include "master/listeners.h"

bool
generation_message_receive(struct generation_process *g,
    struct protocol_message *m, char buffer[PROTOCOL_MESSAGE_BYTES])
{
	int n = protocol_receive(g->control, PROTOCOL_TO_MASTER, m, buffer);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0 && errno == EBADMSG) {
		*m = (struct protocol_message){ .kind = PROTOCOL_KINDS };
		return true;
	}
	if (n <= 0) {
		/* Its end; SIGCHLD tells the rest. */
		close(g->control);
		g->control = -1;
		return false;
	}
	return true;
}

bool
generation_message_send(const struct generation_process *g,
    const struct protocol_message *message)
{
	if (g->control < 0 ||
	    protocol_send(g->control, message, MSG_DONTWAIT) >= 0)
		return true;
	log_debug("send(%d) = %s", g->control, strerror(errno));
	return errno != ETOOMANYREFS;
}

void
generation_message_tell(const struct generation_process *g,
    enum protocol_kind kind)
{
	generation_message_send(g, &(struct protocol_message){ .kind = kind });
}

void
generation_message_drain(const struct generation_process *g,
    const struct listeners *listeners, const struct listeners *kept)
{
	struct protocol_message message = { .kind = PROTOCOL_DRAIN };
	size_t i;

	/* By its place in the handover. */
	for (i = 0; i < listeners->count && i < PROTOCOL_NUMBERS_MAX; i++)
		if (!listeners_have(kept, listeners->all[i].fd))
			message.numbers[message.number_count++] = i;
	generation_message_send(g, &message);
}
