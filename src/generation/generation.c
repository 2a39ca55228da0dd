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
#include "base/ratelimit.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "config/configuration.h"
#include "generation/acceptor.h"
#include "generation/folders.h"
#include "generation/internal.h"
#include "generation/logs.h"
#include "generation/processes.h"
#include "generation/startup.h"
#include "generation/workers.h"
#include "handover/protocol.h"

/* After stop_grace connections are asked to end, and then made to. */
#define ENDING_STEPS   3
#define ENDING_STEP_MS 500

/* How long a new generation waits, at most, for the one before to drain, whose
 * counts it shows: no count goes down. */
#define HOLD_MS 300

/* Workers that accept still are not waited for longer, when it drains. */
#define LEAVE_MS 2000

/* After an error of recvmsg(2), which may last. */
#define DEAF_MS 50

/* Not inlined, nor is hear_master: their messages take pages of the stack, and
 * every fork would lie below these. */
static __attribute__((__noinline__)) void
tell_master(struct generation *g, enum protocol_kind kind, uint64_t number)
{
	const struct protocol_message message = { .kind = kind,
		.number = number };

	if (g->handover.control >= 0 &&
	    protocol_send(g->handover.control, &message, MSG_DONTWAIT) < 0)
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
	acceptor_drain(g->acceptor, message->numbers, message->number_count,
	    g->linger_ms);
	workers_stop(g->workers);
	processes_drain(g->processes);
	scoreboard_settle(g->scoreboard);
	g->leave_deadline_ms = clock_ms() + LEAVE_MS;
}

/* What is accepted from now on is served by the other generation. */
static void
tell_drains(struct generation *g)
{
	if (g->leave_deadline_ms == 0 ||
	    (!workers_have_left(g->workers) &&
		clock_ms() < g->leave_deadline_ms))
		return;
	g->leave_deadline_ms = 0;
	tell_master(g, PROTOCOL_DRAINS, 0);
}

/* Connections with a request finish, idle ones end. */
static void
stop(struct generation *g)
{
	const int64_t linger_ms = clock_earlier(g->linger_ms,
	    g->configuration->stop_grace_ms);

	if (g->stop_deadline_ms != INT64_MAX)
		return;
	g->stop_deadline_ms = clock_ms() + g->configuration->stop_grace_ms;
	/* A response that is sent from now on says that it is the last. */
	processes_drain(g->processes);
	acceptor_stop(g->acceptor, linger_ms);
	workers_stop(g->workers);
	processes_stop(g->processes);
	log_debug("stopping: %zu connections to finish",
	    processes_count(g->processes));
}

static void
tell_workers(struct generation *g)
{
	struct protocol_message m = { .kind = PROTOCOL_WORKERS,
		.number_count = 1 };
	size_t count;

	while (g->handover.control >= 0 &&
	    (count = workers_tell(g->workers, m.numbers[0],
		 PROTOCOL_WORKERS_MAX, m.numbers + 1)) > 0) {
		m.number_count = 1 + count * PROTOCOL_WORKER_NUMBERS;
		if (protocol_send(g->handover.control, &m, MSG_DONTWAIT) < 0)
			return;
		m.numbers[0] += count;
	}
}

static void
tell_count(struct generation *g)
{
	tell_workers(g);
	tell_master(g, PROTOCOL_COUNTED,
	    processes_count(g->processes) + workers_connections(g->workers));
}

/* Tells the master once no process has the old logs. */
static void
tell_reopened(struct generation *g)
{
	uint64_t number = logs_take_reopened(g->logs);

	if (number > 0)
		tell_master(g, PROTOCOL_REOPENED, number);
}

static void
obey(struct generation *g, const struct protocol_message *message)
{
	switch (message->kind) {
	case PROTOCOL_SERVE:
		acceptor_hold(g->acceptor, 0);
		break;
	case PROTOCOL_DRAIN:
		drain(g, message);
		break;
	case PROTOCOL_LINGER:
		g->linger_ms = (int64_t)message->number;
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

/* Connections are served, and the master may be heard again. */
static void
rest(void)
{
	static struct ratelimit complaint;

	if (ratelimit_allows(&complaint))
		log_error("cannot receive messages of the master: %s%s",
		    strerror(errno), refused_hint(errno));
	signals_sleep(DEAF_MS);
}

static __attribute__((__noinline__)) void
hear_master(struct generation *g, short revents)
{
	char buffer[PROTOCOL_MESSAGE_BYTES];
	struct protocol_message message;
	size_t i;
	int n;

	n = protocol_receive(g->handover.control, PROTOCOL_TO_GENERATION,
	    &message, buffer);
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == EBADMSG))
		return;
	if (n < 0 && errno != ECONNRESET && !(revents & POLLHUP)) {
		rest();
		return;
	}
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
	    (g->gives_up || !processes_any(g->processes)) &&
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
	acceptor_stop(g->acceptor, 0);
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

	if (g->drain_deadline_ms != INT64_MAX)
		scoreboard_tell_connections(g->scoreboard,
		    processes_count(g->processes) +
			workers_connections(g->workers));
	if (g->leave_deadline_ms > 0)
		deadline_ms = clock_earlier(deadline_ms, g->leave_deadline_ms);
	deadline_ms = clock_earlier(deadline_ms, logs_sweep(g->logs));
	deadline_ms = clock_earlier(deadline_ms,
	    scoreboard_keep_history(g->scoreboard));
	return clock_earlier(deadline_ms, processes_sweep(g->processes));
}

/* They serve once the generation does. Returns the time of the next call. */
static int64_t
look_after_workers(struct generation *g)
{
	int64_t next_ms = workers_watch(g->workers);

	if (!g->workers || acceptor_is_held(g->acceptor))
		return next_ms;
	next_ms = clock_earlier(next_ms, workers_keep(g->workers));
	next_ms = clock_earlier(next_ms, workers_hear(g->workers));
	acceptor_leave(g->acceptor, workers_accept(g->workers));
	return next_ms;
}

/* Of the descriptors behind those of the acceptor. */
static size_t
polled_besides(const struct pollfd fds[4])
{
	if (fds[3].fd >= 0)
		return 4;
	return fds[2].fd >= 0 ? 3 : 2;
}

/* Sleeps until an event or a deadline. fds has room for all descriptors. The
 * acceptor's come first, and *count becomes their number; behind them are the
 * control socket, that of the log process, that of the folders, and that of the
 * workers. */
static bool
wait_for_events(struct generation *g, struct pollfd *fds, size_t *count)
{
	int64_t until_ms, workers_ms = look_after_workers(g);
	size_t n = acceptor_poll_set(g->acceptor, fds, &until_ms);

	fds[n] = (struct pollfd){ .fd = g->handover.control, .events = POLLIN };
	fds[n + 1] = (struct pollfd){ .fd = logs_descriptor(g->logs),
		.events = POLLIN };
	fds[n + 2] = (struct pollfd){ .fd = folders_descriptor(g->folders),
		.events = POLLIN };
	fds[n + 3] = (struct pollfd){ .fd = workers_descriptor(g->workers),
		.events = POLLIN };
	until_ms = clock_earlier(until_ms, workers_ms);
	until_ms = clock_earlier(until_ms, next_ms(g));
	/* The kernel refuses more of them than there may be descriptors. */
	if (signals_poll(fds, n + polled_besides(&fds[n]), until_ms) < 0) {
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
	enum protocol_wear wear;

	processes_reap(g->processes, signals_take(SIGCHLD));
	wear = processes_wear(g->processes);
	if (wear != PROTOCOL_WEAR_NONE)
		tell_master(g, PROTOCOL_WORN, wear);
	acceptor_polled(g->acceptor, fds);
	if (fds[count].revents)
		hear_master(g, fds[count].revents);
	if (fds[count + 1].revents && logs_hear(g->logs))
		processes_note_dropped(g->processes);
	if (fds[count + 2].revents && folders_hear(g->folders))
		tell_master(g, PROTOCOL_MOVED, 0);
	if (fds[count + 3].revents)
		workers_take_wake(g->workers);
	if (signals_take(SIGTERM) || signals_take(SIGINT))
		stop(g);
	check_deadlines(g);
	tell_drains(g);
	tell_reopened(g);
}

/* Returns the exit status. */
static int
serve(struct generation *g)
{
	struct pollfd *fds =
	    dontfork_alloc((acceptor_poll_max(g->acceptor) + 4) * sizeof(*fds));
	size_t count;

	if (!fds)
		return 1;
	acceptor_hold(g->acceptor, HOLD_MS);
	while (!has_ended(g)) {
		if (!wait_for_events(g, fds, &count))
			return 1;
		handle_events(g, fds, count);
	}
	logs_flush(g->logs);
	processes_say_last(g->processes);
	logs_end(g->logs);
	scoreboard_settle(g->scoreboard);
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
