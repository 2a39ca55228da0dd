/*
 * What a guardian does. See guardian.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/title.h"
#include "config/route.h"
#include "connection/connection.h"
#include "connection/descent.h"
#include "connection/handoff.h"
#include "message/channel.h"
#include "sandbox/core.h"
#include "sandbox/sandbox.h"

/* The interval at which processes are counted. */
#define COUNT_MS 250

/* How often what is left is killed at once, and the time before the next. */
#define BURST	5000
#define REST_MS 50

struct guardian {
	struct descent descent;
	const struct channel *channel;
	const struct route *route;
	pid_t ward; /* the process of the connection */
	int status; /* of the ward, once it has ended */
	bool has_ended;
	int line; /* to the ward */
	int handoff;
	bool has_handed_off;
	struct handoff last;
};

/* The child waits for this octet: before it can do anything to the client's
 * socket, its own descriptor is the only one. A guardian that closed it later
 * might have to wait, if SO_LINGER was set. */
static const char ready = 'r';

static void
close_between(int low, int high)
{
	if (low <= high)
		close_range((unsigned)low, (unsigned)high, 0);
}

/* Keeps the log, the line to the child, and what leads to the generation. */
static void
close_descriptors(const struct guardian *g)
{
	int low = g->line < g->handoff ? g->line : g->handoff;
	int high = g->line < g->handoff ? g->handoff : g->line;

	descriptor_close(g->channel->io.in);
	if (g->channel->io.out != g->channel->io.in)
		descriptor_close(g->channel->io.out);
	close_between(3, low - 1);
	close_between(low < 3 ? 3 : low + 1, high - 1);
	close_range((unsigned)high + 1, ~0U, 0);
}

static void
show_guardian(const struct guardian *g)
{
	char title[ADDRESS_TEXT_BYTES + sizeof("guardian of ")];

	snprintf(title, sizeof(title), "guardian of %s", g->channel->client);
	title_set(title);
}

/* Waits for all that have ended. True: no child is left. */
static bool
reap(struct guardian *g)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (pid != g->ward)
			continue;
		g->has_ended = true;
		g->status = status;
	}
	return pid < 0 && errno == ECHILD;
}

/* Sleeps until a child has ended, somebody wants the end, or for that time.
 * Returns the signal, or -1. */
static int
sleep_ms(int64_t ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	return sigtimedwait(&set, NULL, &time);
}

/* Whether the connection has to end. */
static bool
has_too_many(const struct guardian *g, size_t *count)
{
	const uint64_t max = g->route->limits.max_processes;

	*count = max > 0 ? descent_count(&g->descent, g->ward) : 0;
	return *count > max;
}

/* Without the scope, chains of forks have to be overtaken: no rest at first. */
static void
end_all(struct guardian *g)
{
	int round;

	while (!reap(g)) {
		for (round = 0; round < BURST && !reap(g); round++) {
			descent_kill(&g->descent);
			if (g->descent.is_scoped)
				break;
		}
		while (!reap(g) && sleep_ms(REST_MS) == SIGCHLD)
			;
	}
}

static void
end_crowd(struct guardian *g, size_t count)
{
	end_all(g);
	log_error("route %s: the handlers of the connection of %s have started "
		  "%zu processes, and max_processes is %llu: all are ended",
	    g->route->path, g->channel->client, count,
	    (unsigned long long)g->route->limits.max_processes);
}

/* A child hands its connection off once, and then ends. True: it may go on. */
static bool
take_handoff(struct guardian *g)
{
	struct handoff h;
	int result = handoff_receive_from_child(g->line, &h);

	if (result == 0)
		return true;
	if (result > 0 && g->handoff >= 0 && !g->has_handed_off) {
		g->has_handed_off = true;
		g->last = h;
		return true;
	}
	end_all(g);
	log_error("connection process %ld of %s handed back what is no "
		  "connection: killed",
	    (long)g->ward, g->channel->client);
	return false;
}

static void
pass_on(const struct guardian *g)
{
	if (!g->has_handed_off || !WIFEXITED(g->status) ||
	    WEXITSTATUS(g->status) != CONNECTION_HANDED_OFF)
		return;
	if (handoff_pass_on(g->handoff, &g->last) < 0)
		log_error("%s: cannot go on in another process: %s",
		    g->channel->client, strerror(errno));
}

/* What is looked at now and then. True: the connection may go on. */
static bool
look(struct guardian *g)
{
	size_t count;

	if (!has_too_many(g, &count))
		return take_handoff(g);
	end_crowd(g, count);
	return false;
}

/* Until the connection has ended, by itself or not. */
static void
watch(struct guardian *g)
{
	int64_t now_ms, next_ms = clock_ms() + COUNT_MS;

	while (!reap(g) && !g->has_ended) {
		now_ms = clock_ms();
		if (now_ms >= next_ms) {
			if (!look(g))
				return;
			next_ms = now_ms + COUNT_MS;
		}
		if (sleep_ms(next_ms - now_ms) == SIGTERM) {
			end_all(g);
			g->status = SIGTERM;
			return;
		}
	}
	end_all(g);
	take_handoff(g);
}

/* As the child has ended, so that the generation sees what it would see of a
 * connection without guardian. There is one core file, the child's. */
static _Noreturn void
end_like_ward(const struct guardian *g)
{
	const int signal_number = WTERMSIG(g->status);
	sigset_t none;

	if (WIFEXITED(g->status))
		_exit(WEXITSTATUS(g->status));
	core_forbid();
	g->channel->page->has_core = WCOREDUMP(g->status);
	signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	kill(getpid(), signal_number);
	_exit(128 + signal_number);
}

static _Noreturn void
guard(struct guardian *g)
{
	close_descriptors(g);
	/* The master kills the group of a generation at once; a guardian has
	 * to end others first. */
	setpgid(0, 0);
	show_guardian(g);
	log_debug("fork() = %ld: the connection goes on there", (long)g->ward);
	descent_open(&g->descent);
	if (send(g->line, &ready, 1, MSG_NOSIGNAL) < 0)
		log_error("guardian of %s: no connection to guard: %s",
		    g->channel->client, strerror(errno));
	watch(g);
	pass_on(g);
	end_like_ward(g);
}

/* In the child. The kernel's signal covers a guardian that is killed from
 * outside. */
static int
wait_for_guardian(int line)
{
	char octet;
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	do
		n = recv(line, &octet, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	errno = ECHILD;
	return -1;
}

static int
go_on(const int line[2], const sigset_t *mask, int *handoff)
{
	int result;

	close(line[0]);
	sigprocmask(SIG_SETMASK, mask, NULL);
	result = wait_for_guardian(line[1]);
	if (*handoff < 0) {
		close(line[1]);
		return result;
	}
	close(*handoff);
	*handoff = line[1];
	return result;
}

int
guardian_begin(const struct channel *channel, const struct sandbox *sandbox,
    const struct route *route, int *handoff)
{
	struct guardian g = {
		.channel = channel, .route = route, .handoff = *handoff
	};
	sigset_t all, mask;
	int line[2], saved;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) < 0)
		return -1;
	g.descent.is_scoped = sandbox_enter_scope(sandbox);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Nothing but SIGKILL ends a guardian before its time. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	g.ward = fork();
	if (g.ward == 0)
		return go_on(line, &mask, handoff);
	saved = errno;
	close(line[1]);
	if (g.ward > 0) {
		g.line = line[0];
		guard(&g);
	}
	close(line[0]);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	errno = saved;
	return -1;
}
