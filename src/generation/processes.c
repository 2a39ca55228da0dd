/* SPDX-License-Identifier: ISC */
#include "generation/processes_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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
#include "connection/statement.h"
#include "generation/children.h"
#include "generation/crashes.h"
#include "generation/crowd.h"
#include "generation/dropped_lines.h"
#include "generation/guest.h"
#include "generation/logs.h"
#include "generation/orphans.h"
#include "generation/porter.h"
#include "generation/watchdog.h"
#include "sandbox/core.h"
#include "sandbox/oom.h"
#include "sandbox/quota.h"

struct processes *
processes_new(const struct processes_facts *facts)
{
	struct processes *p = calloc(1, sizeof(*p));
	size_t max = facts->configuration->max_connections +
	    SCOREBOARD_RESERVED;

	if (p) {
		p->facts = *facts;
		p->children = children_new(max, facts->orphans);
		p->statements = statements_new(children_slots_for(max));
		crashes_init(&p->crashes, facts->configuration);
	}
	if (!p || !p->children || !p->statements ||
	    crowd_init(&p->crowd, facts->configuration, facts->scoreboard,
		p->children) < 0) {
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
	return children_count(p->children) - p->reserved >=
	    p->facts.configuration->max_connections;
}

bool
processes_reserve_full(const struct processes *p)
{
	return p->reserved == SCOREBOARD_RESERVED;
}

struct crowd *
processes_crowd(struct processes *p)
{
	return &p->crowd;
}

bool
processes_refuse_client(const struct processes *p, struct address_key client)
{
	return crashes_refuse(&p->crashes, client);
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

int
processes_make_private(const struct processes *p, int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, p->facts.private_base);
	int saved = errno;

	close(fd);
	errno = saved;
	return moved;
}

/* Those that the process of a connection inherits for itself. */
struct pages {
	struct scoreboard_page *scoreboard;
	struct statement *statement;
};

/* Called in the process of the connection. */
static _Noreturn void
become_connection(const struct processes *p, struct guest *g, size_t slot,
    const struct pages *pages, int handoff, pid_t generation)
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
	release_await(&pages->scoreboard->release, generation);
	quota_watched();
	guest_serve(g, &p->facts, pages->scoreboard, pages->statement,
	    p->crashes.penalties);
}

static void
count_child(struct processes *p, const struct guest *g, pid_t pid,
    uint64_t handoff)
{
	struct child *child = children_add(p->children, pid);

	watchdog_begin(&child->view, clock_ms());
	child->began_ms = g->began_ms ? g->began_ms : child->view.change_ms;
	child->was_told = g->was_told;
	child->client = g->peer;
	child->cookie = g->cookie;
	child->handoff = handoff;
	child->presence = g->presence;
	child->key = g->arguments.key;
	child->is_reserved = g->is_reserved;
	if (g->is_reserved)
		p->reserved++;
	else
		crowd_enter(&p->crowd, child);
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

	facts.by_proxy =
	    configuration_wants_proxy_header(p->facts.configuration, &g->peer);
	rings_started(p->facts.rings, slot, &facts);
}

static bool
open_pages(struct processes *p, size_t slot, struct pages *pages)
{
	pages->scoreboard = scoreboard_begin(p->facts.scoreboard, slot);
	pages->statement = statements_begin(p->statements, slot);
	return pages->scoreboard && pages->statement &&
	    rings_begin(p->facts.rings, slot) == 0;
}

bool
processes_start(struct processes *p, struct guest *g)
{
	size_t slot = children_next_slot(p->children);
	struct pages pages;
	int is_new = guest_is_new(g);
	struct porter_end end;
	pid_t generation = getpid(), pid;

	if (is_new && !guest_make_common(g, p->facts.private_base))
		return false;
	/* Before the fork: the child may send a response before the generation
	 * runs again. */
	if (!open_pages(p, slot, &pages))
		return false;
	scoreboard_count_connections(p->facts.scoreboard, is_new);
	end = make_end(p, g);
	oom_raise();
	pid = fork();
	if (pid == 0)
		become_connection(p, g, slot, &pages, end.fd, generation);
	oom_restore();
	descriptor_close(end.fd);
	if (pid < 0) {
		int saved = errno;

		scoreboard_count_connections(p->facts.scoreboard, -is_new);
		scoreboard_end(p->facts.scoreboard, slot, NULL);
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

static int64_t
look_for_dropped(struct processes *p)
{
	return p->facts.has_access_log ? dropped_lines_look(&p->dropped_lines) :
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
	next_ms = clock_earlier(next_ms, crowd_sweep(&p->crowd));
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
