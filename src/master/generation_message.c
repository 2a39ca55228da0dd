/* SPDX-License-Identifier: ISC */
#include "master/generation_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/pulse.h"
#include "base/ratelimit.h"
#include "base/refused.h"
#include "base/signals.h"
#include "master/generations.h"
#include "master/listeners.h"

/* For clients who have begun to connect: some round trips, and less than the
 * second after which those that came later try again (RFC 6298 2.1). */
#define LINGER_MS 250

/* For those of whom it is known: as long as a connection waits for its first
 * request at a stop. */
#define FINISH_MS 1000

/* After an error of recvmsg(2), which may last. */
#define DEAF_MS 50

/* The end of the generation, or whoever has reset the socket. */
static bool
is_end(int n)
{
	return n == 0 || errno == ECONNRESET;
}

/* The generation serves, and is not given up for that: what cannot be received is
 * a sign of life, too. */
static void
rest(struct generation_process *g)
{
	static struct ratelimit complaint;

	if (ratelimit_allows(&complaint))
		log_error("cannot receive messages of the generation, process "
			  "%ld: %s%s",
		    (long)g->pid, strerror(errno), refused_hint(errno));
	signals_sleep(DEAF_MS);
	pulse_hear(&g->pulse, clock_ms());
}

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
	if (n <= 0 && !is_end(n)) {
		rest(g);
		return false;
	}
	if (n <= 0) {
		/* SIGCHLD tells the rest. */
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

static void
linger(const struct generation_process *g, int64_t time_ms)
{
	const struct protocol_message message = { .kind = PROTOCOL_LINGER,
		.number = (uint64_t)time_ms };

	generation_message_send(g, &message);
}

void
generation_message_drain(const struct generation_process *g,
    const struct listeners *listeners, const struct listeners *kept,
    const struct activation *passed)
{
	struct protocol_message message = { .kind = PROTOCOL_DRAIN };
	const bool hands_on = listeners_hand_on(listeners, kept);
	size_t i;

	if (listeners_let_finish(listeners, kept, passed))
		linger(g, FINISH_MS);
	else if (hands_on)
		linger(g, LINGER_MS);

	/* By its place in the handover. */
	for (i = 0; i < listeners->count && i < PROTOCOL_NUMBERS_MAX; i++)
		if (!listeners_have(kept, listeners->all[i].fd))
			message.numbers[message.number_count++] = i;
	generation_message_send(g, &message);
}

void
generation_message_stop(const struct generation_process *g, bool let_finish)
{
	if (let_finish)
		linger(g, FINISH_MS);
	generation_message_tell(g, PROTOCOL_STOP);
}
