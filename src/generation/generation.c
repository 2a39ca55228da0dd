/*
 * The generation's order of things: read the handover; try the handlers in a
 * process that is thrown away; drop privileges; load and open the handlers; put
 * its own descriptors out of the connections' reach; say ready; accept.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/generation.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dontfork.h"
#include "base/fdpass.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/sources.h"
#include "connection/crash_handler.h"
#include "connection/handoff.h"
#include "generation/acceptor.h"
#include "generation/orphans.h"
#include "generation/processes.h"
#include "handover/handover.h"
#include "plugin/plugin.h"
#include "plugin/plugin_check.h"
#include "plugin/plugin_start.h"
#include "sandbox/core.h"
#include "sandbox/privilege.h"
#include "sandbox/sandbox.h"

/* Listeners that end with a reload, of as many as there can be. */
#define DRAIN_MAX 256

/* More than handlers open before they serve. */
#define DESCRIPTORS_MAX 1023

struct generation {
	struct handover handover;
	struct configuration *configuration;
	struct sandbox *sandbox;
	struct processes *processes;
	struct acceptor *acceptor;
	struct scoreboard *scoreboard;
	uint64_t reopening;	   /* the master's number; 0: not */
	int lifeline;		   /* write end: closes with the process */
	int64_t drain_deadline_ms; /* INT64_MAX: not draining */
	int64_t stop_deadline_ms;  /* INT64_MAX: not stopping */
};

/*
 * Handlers may take long to open, and nobody listens to the master meanwhile:
 * should it end, so does this. To change the user forgets it, so it is said
 * again. False: it has ended already.
 */
static bool
live_with_master(const struct generation *g)
{
	char octet;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return recv(g->handover.control, &octet, 1, MSG_PEEK | MSG_DONTWAIT) !=
	    0;
}

/* Everything that must be right before the generation may say ready. */
static bool
prepare_service(struct generation *g)
{
	struct handover *h = &g->handover;
	struct secrets secrets = { 0 };
	struct report report = { 0 };
	bool opened;

	g->configuration = configuration_parse(h->sources, &report);
	if (!g->configuration)
		return false;
	g->configuration->identity = h->identity;
	if (plugin_check(g->configuration, h->plugins, &secrets, &report) < 0)
		return false;
	if (g->configuration->core_folder)
		core_permit();
	if (privilege_drop(&g->configuration->identity, h->generation > 1) <
		0 ||
	    !live_with_master(g))
		return false;
	if (g->configuration->core_folder &&
	    core_enter(g->configuration->core_folder) < 0)
		return false;
	opened = plugin_start(g->configuration, h->plugins, &secrets, false,
		     &report) == 0;
	secrets_free(&secrets);
	return opened;
}

/* The highest descriptor that is open. The process may not look into its own
 * /proc/self/fd once it has dropped privileges, so they are asked one by one. */
static int
highest_descriptor(void)
{
	int fd = DESCRIPTORS_MAX;

	while (fd > 2 && fcntl(fd, F_GETFD) < 0)
		fd--;
	return fd;
}

static bool
move_up(int *fd, int base)
{
	int moved = fcntl(*fd, F_DUPFD_CLOEXEC, base);

	if (moved < 0)
		return false;
	close(*fd);
	*fd = moved;
	return true;
}

/*
 * Puts what only the generation needs above everything that connections keep,
 * so that they close it all with one close_range(2). Accepted connections take
 * the lowest free numbers, and there is one below: the master's handover left
 * gaps.
 */
static bool
separate_descriptors(struct generation *g, struct processes_facts *facts)
{
	struct handover *h = &g->handover;
	int base = highest_descriptor() + 2;
	size_t i;

	facts->private_base = base;
	if (!move_up(&h->control, base) || !move_up(&g->lifeline, base))
		return false;
	if (facts->orphans &&
	    !move_up(orphans_descriptor(facts->orphans), base))
		return false;
	if (facts->handoff[0] >= 0 && !move_up(&facts->handoff[0], base))
		return false;
	for (i = 0; i < h->listener_count; i++)
		if (!move_up(&h->listeners[i], base))
			return false;
	return true;
}

static bool
open_tie(struct generation *g, struct processes_facts *facts)
{
	const struct handler *handler;
	int lifeline[2];
	size_t cursor = 0;

	facts->scoreboard = scoreboard_new(g->configuration->max_connections,
	    g->handover.generation, g->handover.master_started,
	    (uint64_t)getppid());
	if (!facts->scoreboard || pipe2(lifeline, O_CLOEXEC) < 0) {
		log_error("cannot make the scoreboard and the lifeline: %s",
		    strerror(errno));
		return false;
	}
	g->scoreboard = facts->scoreboard;
	while ((handler = configuration_next_handler(g->configuration,
		    &cursor)))
		scoreboard_add_handler(facts->scoreboard, handler->name);
	facts->lifeline = lifeline[0];
	g->lifeline = lifeline[1];
	return true;
}

static bool
prepare_acceptor(struct generation *g, const struct processes_facts *facts)
{
	struct acceptor_facts acceptor_facts = {
		.configuration = g->configuration,
		.scoreboard = facts->scoreboard,
		.listeners = g->handover.listeners,
		.listener_count = g->handover.listener_count,
		.private_base = facts->private_base,
	};

	g->processes = processes_new(facts);
	acceptor_facts.processes = g->processes;
	if (g->processes)
		g->acceptor = acceptor_new(&acceptor_facts);
	return g->acceptor;
}

/* Everything was read from these; no connection has a use for them. */
static void
drop_copies(struct handover *h)
{
	size_t i;

	plugin_set_free(h->plugins);
	h->plugins = NULL;
	for (i = 0; i < h->sources->count; i++) {
		close(h->sources->items[i].fd);
		h->sources->items[i].fd = -1;
	}
}

/* What the heap does not need any more, most of it from making the filter:
 * every fork would copy the entries of its pages, every exit undo them. */
static void
give_back_memory(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

/* The sandbox last: what comes before needs what it takes away. */
static bool
prepare_processes(struct generation *g)
{
	struct processes_facts facts = {
		.configuration = g->configuration,
		.access_log = g->handover.access_log,
		.handoff = { -1, -1 },
	};
	struct orphans *orphans;

	drop_copies(&g->handover);
	if (!open_tie(g, &facts))
		return false;
	crash_handler_open();
	orphans = orphans_new();
	if (!orphans)
		return false;
	g->sandbox = sandbox_new(g->configuration, g->handover.generation > 1);
	if (!g->sandbox)
		return false;
	facts.sandbox = g->sandbox;
	if (sandbox_lets_fork(g->sandbox))
		facts.orphans = orphans;
	else
		orphans_free(orphans);
	if (sandbox_has_many_rules(g->sandbox) &&
	    handoff_open(facts.handoff) < 0) {
		log_error("cannot make a socket to hand back by: %s",
		    strerror(errno));
		return false;
	}
	if (!separate_descriptors(g, &facts)) {
		log_error("cannot arrange descriptors: %s", strerror(errno));
		return false;
	}
	if (!prepare_acceptor(g, &facts))
		return false;
	give_back_memory();
	return true;
}

static void
tell_master(struct generation *g, const char *word)
{
	if (g->handover.control >= 0 &&
	    send(g->handover.control, word, strlen(word),
		MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_warning("cannot tell the master \"%s\": %s", word,
		    strerror(errno));
}

/*
 * Another generation has taken over. Connections go on until they end by
 * themselves, and are told to with their next answer.
 */
static void
drain(struct generation *g, const char *numbers)
{
	size_t ending[DRAIN_MAX], count = 0;
	char *end;

	while (count < DRAIN_MAX && *numbers == ' ') {
		ending[count++] = strtoul(numbers, &end, 10);
		numbers = end;
	}
	if (g->drain_deadline_ms != INT64_MAX)
		return;
	g->drain_deadline_ms = clock_ms() + g->configuration->drain_timeout_ms;
	acceptor_drain(g->acceptor, ending, count);
	processes_drain(g->processes);
	tell_master(g, GENERATION_DRAINS);
}

/*
 * Connections in flight finish, idle ones close: their lifeline ends here.
 */
static void
stop(struct generation *g)
{
	if (g->stop_deadline_ms != INT64_MAX)
		return;
	g->stop_deadline_ms = clock_ms() + g->configuration->stop_grace_ms;
	acceptor_stop(g->acceptor);
	close(g->lifeline);
	log_debug("stopping: %zu connections to finish",
	    processes_count(g->processes));
}

static void
tell_count(struct generation *g)
{
	char word[64];

	snprintf(word, sizeof(word), GENERATION_COUNT " %zu",
	    processes_count(g->processes));
	tell_master(g, word);
}

/* Under the same numbers, so that connections find them there. */
static bool
replace(int old, int fd)
{
	return dup3(fd, old, old == STDERR_FILENO ? 0 : O_CLOEXEC) >= 0;
}

/* Forks from here on write to the new ones. */
static void
reopen(struct generation *g, const char *number, const int fds[FDPASS_MAX])
{
	if ((fds[0] >= 0 && !replace(STDERR_FILENO, fds[0])) ||
	    (fds[1] >= 0 && g->handover.access_log >= 0 &&
		!replace(g->handover.access_log, fds[1])))
		log_error("cannot take the new logs: %s", strerror(errno));
	processes_reopen(g->processes);
	g->reopening = strtoull(number, NULL, 10);
}

/* Once nobody has the old logs open. */
static void
tell_reopened(struct generation *g)
{
	char word[64];

	if (g->reopening == 0 || processes_with_old_logs(g->processes) > 0)
		return;
	snprintf(word, sizeof(word), GENERATION_REOPENED " %llu",
	    (unsigned long long)g->reopening);
	tell_master(g, word);
	g->reopening = 0;
}

static void
obey(struct generation *g, const char *word, const int fds[FDPASS_MAX])
{
	if (strncmp(word, GENERATION_DRAIN, strlen(GENERATION_DRAIN)) == 0)
		drain(g, word + strlen(GENERATION_DRAIN));
	else if (strcmp(word, GENERATION_STOP) == 0)
		stop(g);
	else if (strcmp(word, GENERATION_COUNT) == 0)
		tell_count(g);
	else if (strcmp(word, GENERATION_LEAVE) == 0)
		scoreboard_leave(g->scoreboard);
	else if (strncmp(word, GENERATION_REOPEN " ",
		     strlen(GENERATION_REOPEN " ")) == 0)
		reopen(g, word + strlen(GENERATION_REOPEN " "), fds);
}

static void
hear_master(struct generation *g, const struct pollfd *pfd)
{
	char message[GENERATION_WORD_BYTES];
	int fds[FDPASS_MAX];
	ssize_t n;
	size_t i;

	if (!pfd->revents)
		return;
	n = fdpass_receive(g->handover.control, message, sizeof(message) - 1,
	    fds, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		log_warning("the master has gone; stopping");
		close(g->handover.control);
		g->handover.control = -1;
		stop(g);
	} else {
		message[n] = '\0';
		obey(g, message, fds);
		for (i = 0; i < FDPASS_MAX; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	}
}

static bool
has_ended(const struct generation *g)
{
	return (g->drain_deadline_ms != INT64_MAX ||
		   g->stop_deadline_ms != INT64_MAX) &&
	    processes_count(g->processes) == 0 && acceptor_is_idle(g->acceptor);
}

static void
check_deadlines(struct generation *g)
{
	int64_t now_ms = clock_ms();

	if (now_ms >= g->drain_deadline_ms)
		stop(g);
	if (now_ms >= g->stop_deadline_ms) {
		log_warning("ended %zu connections that did not finish within "
			    "stop_grace",
		    processes_kill(g->processes));
		g->stop_deadline_ms = now_ms + 1000;
	}
}

/* The next time at which something is due without an event. */
static int64_t
next_ms(struct generation *g)
{
	int64_t deadline_ms = g->stop_deadline_ms != INT64_MAX ?
	    g->stop_deadline_ms :
	    g->drain_deadline_ms;

	return clock_earlier(deadline_ms, processes_sweep(g->processes));
}

static int
serve(struct generation *g)
{
	struct pollfd *fds =
	    dontfork_alloc((acceptor_poll_max(g->acceptor) + 2) * sizeof(*fds));
	int64_t until_ms;
	size_t n;

	if (!fds)
		return 1;
	while (!has_ended(g)) {
		n = acceptor_poll_set(g->acceptor, fds, &until_ms);
		fds[n] = (struct pollfd){ .fd = g->handover.control,
			.events = POLLIN };
		fds[n + 1] = (struct pollfd){ .events = POLLIN,
			.fd = processes_descriptor(g->processes) };
		until_ms = clock_earlier(until_ms, next_ms(g));
		if (signals_poll(fds, n + 2, until_ms) < 0) {
			log_error("cannot wait for connections: %s",
			    strerror(errno));
			return 1;
		}
		if (fds[n + 1].revents & POLLIN)
			processes_take_handoffs(g->processes);
		if (signals_take(SIGCHLD))
			processes_reap(g->processes);
		if (processes_are_worn(g->processes))
			tell_master(g, GENERATION_WORN);
		acceptor_polled(g->acceptor, fds);
		hear_master(g, &fds[n]);
		if (signals_take(SIGTERM) || signals_take(SIGINT))
			stop(g);
		check_deadlines(g);
		tell_reopened(g);
	}
	processes_say_last(g->processes);
	return 0;
}

int
generation_run(int handover_fd)
{
	/* What it points to lives as long as the process. */
	static struct generation g = { .drain_deadline_ms = INT64_MAX,
		.stop_deadline_ms = INT64_MAX };
	char title[64];

	if (handover_read(handover_fd, &g.handover) < 0)
		return 1;
	/* Whoever asked for the reload is told what goes wrong. */
	log_copy_to(g.handover.control);
	snprintf(title, sizeof(title), "generation %llu",
	    (unsigned long long)g.handover.generation);
	title_set(title);
	if (!live_with_master(&g) || !prepare_service(&g))
		return 1;
	/* From here on it is heard, and connections may finish. */
	prctl(PR_SET_PDEATHSIG, 0);
	if (!prepare_processes(&g))
		return 1;
	log_copy_to(-1);
	signals_open();
	if (send(g.handover.control, GENERATION_READY, strlen(GENERATION_READY),
		MSG_NOSIGNAL) < 0) {
		log_error("cannot tell the master that generation %llu is "
			  "ready: %s",
		    (unsigned long long)g.handover.generation, strerror(errno));
		return 1;
	}
	return serve(&g);
}
