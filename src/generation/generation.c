/*
 * The loop in which a generation serves: new connections, ended processes,
 * messages of the master, deadlines. startup.c has the start.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/generation.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dontfork.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "config/configuration.h"
#include "generation/acceptor.h"
#include "generation/internal.h"
#include "generation/logs.h"
#include "generation/processes.h"
#include "generation/startup.h"
#include "handover/protocol.h"

/* After stop_grace connections are asked to end, and then made to. */
#define ENDING_STEPS   3
#define ENDING_STEP_MS 500

static void
tell_master(struct generation *g, const struct protocol_message *message)
{
	if (g->handover.control >= 0 &&
	    protocol_send(g->handover.control, message, MSG_DONTWAIT) < 0)
		log_warning("cannot send the master a message: %s",
		    strerror(errno));
}

/*
 * Another generation has taken over. Connections are told to close with their
 * next response, and have until drain_timeout.
 */
static void
drain(struct generation *g, const struct protocol_message *message)
{
	if (g->drain_deadline_ms != INT64_MAX)
		return;
	g->drain_deadline_ms = clock_ms() + g->configuration->drain_timeout_ms;
	acceptor_drain(g->acceptor, message->numbers, message->number_count);
	processes_drain(g->processes);
	tell_master(g, &(struct protocol_message){ .kind = PROTOCOL_DRAINS });
}

/* Connections with a request finish; the end of the tie ends idle ones. */
static void
stop(struct generation *g)
{
	if (g->stop_deadline_ms != INT64_MAX)
		return;
	g->stop_deadline_ms = clock_ms() + g->configuration->stop_grace_ms;
	/* The end of the tie takes a moment; a response that is sent meanwhile
	 * says that it is the last. */
	processes_drain(g->processes);
	acceptor_stop(g->acceptor);
	processes_stop(g->processes);
	close(g->tie.held);
	log_debug("stopping: %zu connections to finish",
	    processes_count(g->processes));
}

static void
tell_count(struct generation *g)
{
	tell_master(g,
	    &(struct protocol_message){ .kind = PROTOCOL_COUNTED,
		.number = processes_count(g->processes) });
}

/* Tells the master once no process has the old logs. */
static void
tell_reopened(struct generation *g)
{
	uint64_t number = logs_take_reopened(g->logs);

	if (number > 0)
		tell_master(g,
		    &(struct protocol_message){
			.kind = PROTOCOL_REOPENED, .number = number });
}

static void
obey(struct generation *g, const struct protocol_message *message)
{
	switch (message->kind) {
	case PROTOCOL_DRAIN:
		drain(g, message);
		break;
	case PROTOCOL_STOP:
		stop(g);
		break;
	case PROTOCOL_COUNT:
		tell_count(g);
		break;
	case PROTOCOL_LEAVE:
		scoreboard_leave(g->scoreboard);
		break;
	case PROTOCOL_REOPEN:
		logs_reopen(g->logs, message->fds[0],
		    message->fd_count > 1 ? message->fds[1] : -1,
		    message->number);
		break;
	default: /* the others are for the master, and not received */
		break;
	}
}

static void
hear_master(struct generation *g, const struct pollfd *pfd)
{
	char buffer[PROTOCOL_MESSAGE_BYTES];
	struct protocol_message message;
	size_t i;
	int n;

	if (!pfd->revents)
		return;
	n = protocol_receive(g->handover.control, PROTOCOL_TO_GENERATION,
	    &message, buffer);
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == EBADMSG))
		return;
	if (n <= 0) {
		log_warning("the master has gone; stopping");
		close(g->handover.control);
		g->handover.control = -1;
		stop(g);
		return;
	}
	obey(g, &message);
	for (i = 0; i < message.fd_count; i++)
		close(message.fds[i]);
}

static bool
has_ended(const struct generation *g)
{
	return (g->drain_deadline_ms != INT64_MAX ||
		   g->stop_deadline_ms != INT64_MAX) &&
	    (g->gives_up || processes_count(g->processes) == 0) &&
	    acceptor_is_idle(g->acceptor);
}

/* A process may be in a state in which no signal ends it. It is left behind, so
 * that the server does not wait for it; it keeps its slot until then. */
static void
end_connections(struct generation *g)
{
	size_t count;

	if (g->ending_step == ENDING_STEPS) {
		log_error("%zu connection processes do not end, not even by "
			  "SIGKILL; they are left behind",
		    processes_count(g->processes));
		g->gives_up = true;
		return;
	}
	count = processes_end_all(g->processes);
	if (g->ending_step++ == 0)
		log_warning("ended %zu connections that did not finish within "
			    "stop_grace",
		    count);
	g->stop_deadline_ms = clock_ms() + ENDING_STEP_MS;
}

static void
check_deadlines(struct generation *g)
{
	int64_t now_ms = clock_ms();

	if (now_ms >= g->drain_deadline_ms)
		stop(g);
	if (now_ms >= g->stop_deadline_ms)
		end_connections(g);
}

/* The earliest deadline of the generation and of the sweeps. */
static int64_t
next_ms(struct generation *g)
{
	int64_t deadline_ms = g->stop_deadline_ms != INT64_MAX ?
	    g->stop_deadline_ms :
	    g->drain_deadline_ms;

	deadline_ms = clock_earlier(deadline_ms, logs_sweep(g->logs));
	return clock_earlier(deadline_ms, processes_sweep(g->processes));
}

/* Sleeps until an event or a deadline. fds has room for all descriptors. The
 * acceptor's come first, and *count becomes their number; behind them are the
 * control socket and that of the log process. */
static bool
wait_for_events(struct generation *g, struct pollfd *fds, size_t *count)
{
	int64_t until_ms;
	size_t n = acceptor_poll_set(g->acceptor, fds, &until_ms);

	fds[n] = (struct pollfd){ .fd = g->handover.control, .events = POLLIN };
	fds[n + 1] = (struct pollfd){ .fd = logs_descriptor(g->logs),
		.events = POLLIN };
	until_ms = clock_earlier(until_ms, next_ms(g));
	if (signals_poll(fds, n + 2, until_ms) < 0) {
		log_error("cannot wait for connections: %s", strerror(errno));
		return false;
	}
	*count = n;
	return true;
}

/* Processes come first: their end makes room for the acceptor. */
static void
handle_events(struct generation *g, const struct pollfd *fds, size_t count)
{
	if (signals_take(SIGCHLD))
		processes_reap(g->processes);
	if (processes_are_worn(g->processes))
		tell_master(g,
		    &(struct protocol_message){ .kind = PROTOCOL_WORN });
	acceptor_polled(g->acceptor, fds);
	hear_master(g, &fds[count]);
	if (fds[count + 1].revents && logs_hear(g->logs))
		processes_note_dropped(g->processes);
	if (signals_take(SIGTERM) || signals_take(SIGINT))
		stop(g);
	check_deadlines(g);
	tell_reopened(g);
}

/* Returns the exit status. */
static int
serve(struct generation *g)
{
	struct pollfd *fds =
	    dontfork_alloc((acceptor_poll_max(g->acceptor) + 2) * sizeof(*fds));
	size_t count;

	if (!fds)
		return 1;
	while (!has_ended(g)) {
		if (!wait_for_events(g, fds, &count))
			return 1;
		handle_events(g, fds, count);
	}
	logs_flush(g->logs);
	processes_say_last(g->processes);
	logs_end(g->logs);
	processes_leave(g->processes);
	return 0;
}

int
generation_run(int handover_fd)
{
	static struct generation g = { .drain_deadline_ms = INT64_MAX,
		.stop_deadline_ms = INT64_MAX };

	return startup_run(&g, handover_fd) < 0 ? 1 : serve(&g);
}
