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
#include "base/handler_stderr.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "base/title.h"
#include "config/route.h"
#include "connection/connection.h"
#include "connection/descent.h"
#include "message/channel.h"
#include "sandbox/bounds.h"
#include "sandbox/core.h"
#include "sandbox/quota.h"
#include "sandbox/sandbox.h"

/* The interval at which processes are counted. */
#define COUNT_MS 250

/* Beyond max_cpu_time, for the ward's own crash handler. */
#define CPU_MARGIN_MS 500

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
	bool is_limited; /* it was killed at a limit, which the log names */
	int line;	 /* to the ward */
	uint64_t calls;	 /* of handlers, when the processor time was base_ms */
	int64_t base_ms;
};

/* The child waits for this octet: before it can do anything to the client's
 * socket, its own descriptor is the only one. A guardian that closed it later
 * might have to wait, if SO_LINGER was set. */
static const char ready = 'r';

static void
close_between(int low, int high)
{
	if (low <= high)
		descriptor_close_range((unsigned)low, (unsigned)high);
}

static void
close_all_but(int low, int high)
{
	close_between(3, low - 1);
	close_between(low + 1, high - 1);
	descriptor_close_range((unsigned)high + 1, ~0U);
}

/* Keeps the line to the child, what its handlers say on standard error, and
 * under --once the log. */
static void
close_descriptors(const struct guardian *g)
{
	int words = handler_stderr_descriptor();

	descriptor_close(g->channel->io.in);
	if (g->channel->io.out != g->channel->io.in)
		descriptor_close(g->channel->io.out);
	handler_stderr_leave();
	if (words < 0)
		words = g->line;
	if (words < g->line)
		close_all_but(words, g->line);
	else
		close_all_but(g->line, words);
}

static void
show_guardian(const struct guardian *g)
{
	char title[ADDRESS_TEXT_BYTES + sizeof("guardian of ")];

	snprintf(title, sizeof(title), "guardian of %s", g->channel->client);
	title_set(title);
}

static void
log_limit(struct guardian *g)
{
	g->is_limited = true;
	log_error("connection process %ld of %s took more than max_cpu_time, "
		  "and did not end by itself: killed",
	    (long)g->ward, g->channel->client);
}

static void
note_end(struct guardian *g, const siginfo_t *end)
{
	const uint64_t max_cpu_ms = quota_cpu_in_all_ms(&g->route->limits,
	    g->route->handler_count);

	if (end->si_code == CLD_KILLED && end->si_status == SIGKILL &&
	    !g->is_limited && bounds_are_used_up(g->ward, max_cpu_ms))
		log_limit(g);
}

/* Waits for all that have ended; the kernel forgets the limits of a process when
 * that is done. True: no child is left. */
static bool
reap(struct guardian *g)
{
	int status, result;
	siginfo_t end;

	for (;;) {
		end.si_pid = 0;
		result = waitid(P_ALL, 0, &end,
		    WEXITED | WNOHANG | WNOWAIT | __WALL);
		if (result < 0 || end.si_pid == 0)
			return result < 0 && errno == ECHILD;
		if (end.si_pid == g->ward)
			note_end(g, &end);
		if (waitpid(end.si_pid, &status, __WALL) < 0)
			return false;
		if (end.si_pid != g->ward)
			continue;
		g->has_ended = true;
		g->status = status;
	}
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
	sigaddset(&set, QUOTA_TIME_SIGNAL);
	sigaddset(&set, QUOTA_TOTAL_SIGNAL);
	sigaddset(&set, QUOTA_ORPHAN_SIGNAL);
	sigaddset(&set, NUDGE_SIGNAL);
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
	g->is_limited = true;
	end_all(g);
	log_error("route %s: the handlers of the connection of %s have started "
		  "%zu processes, and max_processes is %llu: all are ended",
	    g->route->path, g->channel->client, count,
	    (unsigned long long)g->route->limits.max_processes);
}

/* The ward's own timer ends an honest one. A ward that lies about its calls is
 * ended by the kernel, by what it has used in all (bounds.h). */
static bool
uses_too_much(struct guardian *g)
{
	const int64_t max_ms = g->route->limits.max_cpu_time_ms;
	const uint64_t calls = g->channel->page->calls;
	int64_t now_ms;

	if (max_ms <= 0)
		return false;
	now_ms = clock_used_ms(g->ward);
	if (calls != g->calls) {
		g->calls = calls;
		g->base_ms = now_ms;
	}
	return now_ms - g->base_ms > max_ms + CPU_MARGIN_MS;
}

/* What is looked at now and then. True: the connection may go on. */
static bool
look(struct guardian *g)
{
	size_t count;

	if (uses_too_much(g)) {
		log_limit(g);
		end_all(g);
		return false;
	}
	if (!has_too_many(g, &count))
		return true;
	end_crowd(g, count);
	return false;
}

/* The generation watches the time of the connection's requests, and tells it to
 * end, but knows its guardian alone. */
static void
forward(const struct guardian *g, int signal_number)
{
	if (signal_number == QUOTA_TIME_SIGNAL ||
	    signal_number == QUOTA_TOTAL_SIGNAL ||
	    signal_number == QUOTA_ORPHAN_SIGNAL ||
	    signal_number == NUDGE_SIGNAL)
		kill(g->ward, signal_number);
}

/* Until the connection has ended, by itself or not. */
static void
watch(struct guardian *g)
{
	int64_t now_ms, next_ms = clock_ms() + COUNT_MS;
	int signal_number;

	while (!reap(g) && !g->has_ended) {
		now_ms = clock_ms();
		if (now_ms >= next_ms) {
			if (!look(g))
				return;
			next_ms = now_ms + COUNT_MS;
		}
		signal_number = sleep_ms(next_ms - now_ms);
		if (signal_number == SIGTERM) {
			end_all(g);
			g->status = SIGTERM;
			return;
		}
		forward(g, signal_number);
	}
	end_all(g);
}

/* A handler that exits with a status that the generation takes for another end
 * would not be named. The line has the true status. */
static _Noreturn void
exit_like_ward(const struct guardian *g)
{
	const int status = WEXITSTATUS(g->status);

	if (status != GUARDIAN_WARD_LIMITED && status != GUARDIAN_WARD_KILLED)
		_exit(status);
	log_error("connection process %ld of %s has ended with status %d",
	    (long)g->ward, g->channel->client, status);
	_exit(GUARDIAN_WARD_LIED);
}

/* As the child has ended, so that the generation sees what it would see of a
 * connection without guardian. There is one core file, the child's. SIGKILL is
 * told by a status: it would look as if the guardian itself had been killed. */
static _Noreturn void
end_like_ward(const struct guardian *g)
{
	const int signal_number = WTERMSIG(g->status);
	sigset_t none;

	if (WIFEXITED(g->status))
		exit_like_ward(g);
	if (signal_number == SIGKILL)
		_exit(g->is_limited ? GUARDIAN_WARD_LIMITED :
				      GUARDIAN_WARD_KILLED);
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
	/* The first call of the child begins with no processor time. */
	g->calls = g->channel->page->calls + 1;
	if (send(g->line, &ready, 1, MSG_NOSIGNAL) < 0)
		log_error("guardian of %s: no connection to guard: %s%s",
		    g->channel->client, strerror(errno), refused_hint(errno));
	/* A connection that has not got the octet waits no longer. */
	close(g->line);
	watch(g);
	/* The last words of those who could not pass them on themselves. */
	handler_stderr_drain();
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
go_on(const int line[2], const sigset_t *mask)
{
	int result;

	close(line[0]);
	sigprocmask(SIG_SETMASK, mask, NULL);
	result = wait_for_guardian(line[1]);
	close(line[1]);
	return result;
}

int
guardian_begin(const struct channel *channel, const struct sandbox *sandbox,
    const struct route *route)
{
	struct guardian g = { .channel = channel, .route = route };
	sigset_t all, mask;
	int line[2], saved;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) < 0)
		return -1;
	handler_stderr_open();
	g.descent.is_scoped = sandbox_enter_scope(sandbox);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Nothing but SIGKILL ends a guardian before its time. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	g.ward = fork();
	if (g.ward == 0)
		return go_on(line, &mask);
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
