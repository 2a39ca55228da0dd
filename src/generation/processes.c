/* SPDX-License-Identifier: ISC */
#include "generation/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/ratelimit.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "config/configuration.h"
#include "connection/connection.h"
#include "connection/handoff.h"
#include "generation/children.h"
#include "generation/crashes.h"
#include "generation/dropped_lines.h"
#include "generation/guest.h"
#include "generation/logs.h"
#include "generation/orphans.h"
#include "generation/peers.h"
#include "generation/porter.h"
#include "generation/watchdog.h"
#include "sandbox/core.h"
#include "sandbox/oom.h"
#include "sandbox/quota.h"

struct processes {
	struct processes_facts facts;
	struct children *children;
	struct peers *peers;
	struct crashes crashes;
	struct watchdog watchdog;
	struct dropped_lines dropped_lines;
	bool has_lost_helper, is_stopping;
	struct ratelimit no_end;
};

struct processes *
processes_new(const struct processes_facts *facts)
{
	struct processes *p = calloc(1, sizeof(*p));
	size_t max = facts->configuration->max_connections;

	if (p) {
		p->facts = *facts;
		p->children = children_new(max, facts->orphans);
		p->peers = peers_new(max);
		crashes_init(&p->crashes, facts->configuration);
	}
	if (!p || !p->children || !p->peers) {
		log_error("cannot make the tables for %zu connections: %s", max,
		    strerror(errno));
		free(p);
		return NULL;
	}
	watchdog_init(&p->watchdog, facts->configuration, facts->scoreboard,
	    p->children, facts->presence);
	p->dropped_lines = (struct dropped_lines){ .children = p->children,
		.scoreboard = facts->scoreboard,
		.slots = children_slots(p->children) };
	return p;
}

void
processes_set_logs(struct processes *p, struct logs *logs)
{
	p->facts.logs = logs;
}

size_t
processes_count(const struct processes *p)
{
	return children_count(p->children);
}

bool
processes_full(const struct processes *p)
{
	return children_full(p->children);
}

/* Trusted proxies connect for many clients, so they have no ceiling. */
static bool
is_counted(const struct processes *p, const struct address *client)
{
	const struct configuration *c = p->facts.configuration;

	return c->max_connections_per_client > 0 &&
	    !configuration_trusts(c, client);
}

bool
processes_client_punished(const struct processes *p,
    const struct address *client)
{
	return crashes_punish(&p->crashes, client);
}

bool
processes_are_worn(struct processes *p)
{
	bool lost = p->has_lost_helper;

	if (lost)
		p->has_lost_helper = false;
	return crashes_are_too_many(&p->crashes) ||
	    children_are_short(p->children) || lost;
}

bool
processes_client_full(const struct processes *p, const struct address *client)
{
	return is_counted(p, client) &&
	    peers_count(p->peers, address_client_key(client)) >=
	    p->facts.configuration->max_connections_per_client;
}

int
processes_make_private(const struct processes *p, int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, p->facts.private_base);
	int saved = errno;

	close(fd);
	errno = saved;
	return moved;
}

/* Called in the process of the connection. */
static _Noreturn void
become_connection(const struct processes *p, struct guest *g, size_t slot,
    struct scoreboard_page *page, int handoff, pid_t generation)
{
	bool taken;

	log_channel_open(p->facts.rings, slot);
	taken = guest_take(g, &p->facts, handoff);
	close_range((unsigned)p->facts.private_base, ~0U, 0);
	if (!taken)
		_exit((int)CONNECTION_FAILED);
	if (crashes_forbid_core(&p->crashes))
		core_forbid();
	signals_reset();
	release_await(&page->release, generation);
	quota_watched();
	guest_serve(g, &p->facts, page);
}

static void
count_child(struct processes *p, const struct guest *g, pid_t pid,
    uint64_t handoff)
{
	struct child *child = children_add(p->children, pid);

	watchdog_begin(&child->view, clock_ms());
	child->client = g->peer;
	child->cookie = g->cookie;
	child->handoff = handoff;
	child->presence = g->presence;
	child->counted = is_counted(p, &g->peer);
	if (!child->counted)
		return;
	child->client_key = address_client_key(&g->peer);
	peers_add(p->peers, child->client_key);
}

/* A connection without an end cannot be handed off, but can be served. */
static struct porter_end
make_end(struct processes *p, struct guest *g)
{
	struct porter_end end = { .fd = -1 };

	if (!p->facts.porter)
		return end;
	if (guest_is_new(g))
		g->cookie = handoff_cookie(g->arguments.in);
	if (!porter_next(p->facts.porter, &end) && ratelimit_allows(&p->no_end))
		log_error("cannot make a socket for a connection to be handed "
			  "off: %s",
		    strerror(errno));
	return end;
}

/* What the log process needs to know of whom the lines are. */
static void
tell_logs(const struct processes *p, const struct guest *g, size_t slot,
    pid_t pid)
{
	struct rings_facts facts = { .pid = pid, .client = g->peer };

	facts.by_proxy = configuration_wants_proxy_header(
	    p->facts.configuration, &g->peer);
	rings_started(p->facts.rings, slot, &facts);
}

bool
processes_start(struct processes *p, struct guest *g)
{
	size_t slot = children_next_slot(p->children);
	struct scoreboard_page *page;
	int is_new = guest_is_new(g);
	struct porter_end end;
	pid_t generation = getpid(), pid;

	if (is_new && !guest_make_common(g, p->facts.private_base))
		return false;
	/* Before the fork: the child may send a response before the generation
	 * runs again. */
	page = scoreboard_begin(p->facts.scoreboard, slot);
	if (!page || rings_begin(p->facts.rings, slot) < 0)
		return false;
	scoreboard_count_connections(p->facts.scoreboard, is_new);
	end = make_end(p, g);
	oom_raise();
	pid = fork();
	if (pid == 0)
		become_connection(p, g, slot, page, end.fd, generation);
	oom_restore();
	descriptor_close(end.fd);
	if (pid < 0) {
		int saved = errno;

		scoreboard_count_connections(p->facts.scoreboard, -is_new);
		scoreboard_end(p->facts.scoreboard, slot, false);
		errno = saved;
		return false;
	}
	log_debug("fork() = %ld", (long)pid);
	tell_logs(p, g, slot, pid);
	count_child(p, g, pid, end.number);
	guest_close(g);
	scoreboard_release(p->facts.scoreboard, slot);
	return true;
}

/* A handler has called exit(3): only the generation can log that. */
static void
log_exit(const struct processes *p, const struct child *child, size_t slot,
    int status)
{
	char client[ADDRESS_TEXT_BYTES];

	if (WIFEXITED(status) && WEXITSTATUS(status) != CONNECTION_HANDED_OFF &&
	    scoreboard_is_handling(p->facts.scoreboard, slot))
		log_error("connection process %ld of %s was ended by its "
			  "handler, with status %d",
		    (long)child->pid, address_format(&child->client, client),
		    WEXITSTATUS(status));
}

static bool
has_handed_off(int status)
{
	return WIFEXITED(status) &&
	    WEXITSTATUS(status) == CONNECTION_HANDED_OFF;
}

/* The connection goes on in the slot that has just become free. */
static void
pass_on(struct processes *p, struct guest *g)
{
	if (processes_start(p, g))
		return;
	log_error("cannot fork a process for a connection to go on: %s",
	    strerror(errno));
}

/*
 * Whether all processes of the connection have ended. A guardian ends after all
 * others, unless SIGKILL ends it. Where no handler can start processes, none was
 * ever allowed to fork.
 */
static bool
is_whole_end(const struct processes *p, int status)
{
	return !p->facts.orphans || !WIFSIGNALED(status) ||
	    WTERMSIG(status) != SIGKILL;
}

static void
give_up_slot(struct processes *p, pid_t pid, int status)
{
	if (is_whole_end(p, status)) {
		children_remove(p->children, pid);
		return;
	}
	children_retire(p->children, pid);
	orphans_expect(p->facts.orphans);
	log_debug("the slot of process %ld is retired", (long)pid);
}

static void
child_ended(struct processes *p, struct child *child, size_t slot, int status)
{
	bool goes_on = has_handed_off(status) && child->handoff != 0;
	struct guest next;
	pid_t pid = child->pid;
	bool crashed, dumped_core;

	/* First: the lines of this process come after those of the child. */
	rings_end(p->facts.rings, slot);
	crashed = crashes_log(p->facts.scoreboard, child, slot, status);

	/* The process was waited for: its pid may belong to another now. */
	child->killed = true;
	guest_hand_off(&next, child);

	log_debug("waitpid() = %ld, status 0x%04x", (long)pid,
	    (unsigned)status);
	log_exit(p, child, slot, status);
	dropped_lines_note(&p->dropped_lines, slot);
	dumped_core = WCOREDUMP(status) ||
	    scoreboard_has_core(p->facts.scoreboard, slot);
	scoreboard_end(p->facts.scoreboard, slot, crashed);
	if (crashed)
		crashes_count(&p->crashes, child, dumped_core);
	if (child->counted)
		peers_remove(p->peers, child->client_key);
	give_up_slot(p, pid, status);
	if (goes_on)
		pass_on(p, &next);
	else if (next.handed_off != 0)
		porter_drop(p->facts.porter, next.handed_off);
}

/* Without its helpers a generation serves, but cuts connections. */
static void
helper_ended(struct processes *p, pid_t pid)
{
	size_t i;

	for (i = 0; i < HELPERS_MAX; i++) {
		if (p->facts.helpers[i] != pid)
			continue;
		p->facts.helpers[i] = 0;
		p->has_lost_helper = !p->is_stopping;
		if (p->has_lost_helper)
			log_error("a helper of the generation has ended: the "
				  "generation is replaced");
	}
}

void
processes_reap(struct processes *p)
{
	struct child *child;
	size_t slot;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (logs_reap(p->facts.logs, pid, status))
			continue;
		child = children_find(p->children, pid, &slot);
		if (child)
			child_ended(p, child, slot, status);
		else
			helper_ended(p, pid);
	}
}

static int64_t
look_for_dropped(struct processes *p)
{
	return p->facts.has_access_log ?
	    dropped_lines_look(&p->dropped_lines) :
	    INT64_MAX;
}

static int64_t
sweep_orphans(struct processes *p)
{
	if (!p->facts.orphans)
		return INT64_MAX;
	p->facts.helpers[HELPER_LOGS] = logs_pid(p->facts.logs);
	return orphans_sweep(p->facts.orphans, p->children, p->facts.helpers);
}

int64_t
processes_sweep(struct processes *p)
{
	int64_t next_ms = clock_earlier(watchdog_sweep(&p->watchdog),
	    look_for_dropped(p));

	next_ms = clock_earlier(next_ms, children_insist(p->children));
	return clock_earlier(next_ms, sweep_orphans(p));
}

void
processes_say_last(struct processes *p)
{
	dropped_lines_log_last(&p->dropped_lines);
}

void
processes_leave(struct processes *p)
{
	if (p->facts.orphans)
		orphans_end_all(p->facts.orphans, p->facts.sandbox,
		    p->children);
}

void
processes_stop(struct processes *p)
{
	p->is_stopping = true;
}

void
processes_drain(struct processes *p)
{
	size_t max = children_slots(p->children), slot;

	scoreboard_drain(p->facts.scoreboard);
	for (slot = 0; slot < max; slot++)
		if (children_at(p->children, slot))
			scoreboard_tell_drain(p->facts.scoreboard, slot);
}

void
processes_note_dropped(struct processes *p)
{
	dropped_lines_hurry(&p->dropped_lines);
}

size_t
processes_end_all(struct processes *p)
{
	return children_end_all(p->children);
}
