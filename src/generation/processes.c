/* SPDX-License-Identifier: ISC */
#include "generation/processes_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accesslog/accesslog.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/dontfork.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/ratelimit.h"
#include "base/refused.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "config/configuration.h"
#include "connection/connection.h"
#include "connection/first_handler.h"
#include "connection/renewal.h"
#include "connection/statement.h"
#include "generation/admissions.h"
#include "generation/children.h"
#include "generation/crashes.h"
#include "generation/crowd.h"
#include "generation/dropped_lines.h"
#include "generation/guest.h"
#include "generation/logs.h"
#include "generation/orphans.h"
#include "generation/porter.h"
#include "generation/watchdog.h"
#include "sandbox/bounds.h"
#include "sandbox/core.h"
#include "sandbox/oom.h"
#include "sandbox/quota.h"

struct processes *
processes_new(const struct processes_facts *facts)
{
	struct processes *p = dontfork_alloc(sizeof(*p));
	size_t max = facts->configuration->max_connections +
	    SCOREBOARD_RESERVED;

	if (p) {
		p->facts = *facts;
		/* Helpers can have ended before signals are caught. */
		p->reap_ms = 0;
		p->children = children_new(max, facts->workers.count,
		    facts->orphans);
		p->statements = facts->statements;
		p->admissions = admissions_new(facts->configuration);
		crashes_init(&p->crashes, facts->configuration,
		    facts->renewal ? &facts->renewal->memory.penalties : NULL);
	}
	if (p && first_handler_open(facts->configuration->handler_count) < 0)
		log_warning(
		    "penalties are for clients alone, not for handlers: "
		    "the hard limits of resident memory (ulimit -m, "
		    "LimitRSS) and of locks (LimitLOCKS) %s%s%s",
		    errno == ERANGE ? "are too low" : "are unknown: ",
		    errno == ERANGE ? "" : strerror(errno),
		    refused_hint(errno));
	if (!p || !p->children || !p->statements || !p->admissions ||
	    crowd_init(&p->crowd, facts->configuration, facts->scoreboard,
		p->children) < 0) {
		log_error("cannot make the tables for %zu connections: %s", max,
		    strerror(errno));
		return NULL;
	}
	watchdog_init(&p->watchdog, facts->configuration, facts->scoreboard,
	    p->children, facts->presence);
	if (facts->has_access_log)
		p->access.configuration = facts->configuration;
	p->crowd.ledgers = facts->ledgers;
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

/* With those of workers. */
static size_t
count_all(const struct processes *p)
{
	return p->facts.ledgers ? ledgers_connections(p->facts.ledgers) :
				  children_count(p->children) - p->reserved;
}

bool
processes_full(const struct processes *p)
{
	return count_all(p) >= p->facts.configuration->max_connections ||
	    !children_have_slot(p->children);
}

bool
processes_reserve_full(const struct processes *p)
{
	return p->reserved == SCOREBOARD_RESERVED ||
	    !children_have_slot(p->children);
}

bool
processes_any(const struct processes *p)
{
	return children_count(p->children) + children_workers(p->children) > 0;
}

void
processes_set_workers(struct processes *p, struct workers *workers)
{
	p->workers = workers;
}

struct access *
processes_access(struct processes *p)
{
	return &p->access;
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

enum protocol_wear
processes_wear(struct processes *p)
{
	if (crashes_are_too_many(&p->crashes))
		return PROTOCOL_WEAR_CRASHES;
	if (p->has_lost_helper) {
		p->has_lost_helper = false;
		return PROTOCOL_WEAR_HELPER;
	}
	return children_are_short(p->children) ? PROTOCOL_WEAR_SLOTS :
						 PROTOCOL_WEAR_NONE;
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
	struct handoff *handoff; /* NULL: it cannot be handed off */
};

/* What it inherits of struct processes, on the stack: a fork does not copy the
 * rest. */
struct heritage {
	struct processes_facts facts;
	const struct penalties *penalties;
	bool forbids_core;
	pid_t generation;
	size_t slot;
};

/* Called in the process of the connection. */
static _Noreturn void
become_connection(const struct heritage *h, struct guest *g,
    const struct pages *pages)
{
	const struct processes_facts *facts = &h->facts;
	bool taken;

	log_channel_open(facts->rings, h->slot);
	taken = guest_take(g, facts, pages->handoff);
	/* Of a kit the connection decides itself. */
	descriptor_close_range((unsigned)facts->private_base,
	    facts->renewal ? (unsigned)facts->renewal->first - 1 : ~0U);
	g->arguments.slot = h->slot;
	g->arguments.has_ceilings = facts->has_ceilings;
	g->arguments.generation = h->generation;
	if (!taken)
		_exit((int)CONNECTION_FAILED);
	if (facts->porter)
		bounds_share_files();
	if (h->forbids_core)
		core_forbid();
	signals_reset();
	quota_watched(h->generation);
	guest_serve(g, facts, pages->scoreboard, pages->statement,
	    h->penalties);
}

static void
count_child(struct processes *p, const struct guest *g, pid_t pid,
    uint64_t kept)
{
	struct child *child = children_add(p->children, pid);

	p->young[p->next_young++ % YOUNG_CHILDREN] = pid;
	watchdog_begin(&child->view, clock_ms());
	/* Whoever goes on in one process after the other has one client. */
	child->view.look_ms = g->look_ms;
	child->view.gone_ms = g->gone_ms;
	child->began_ms = g->began_ms ? g->began_ms : child->view.change_ms;
	child->was_told = g->was_told;
	child->client = g->peer;
	child->kept = kept;
	child->presence = g->presence;
	child->key = g->arguments.key;
	child->is_reserved = g->is_reserved;
	child->admitted = g->arguments.admitted;
	admissions_enter(p->admissions, child->admitted);
	if (g->is_reserved) {
		p->reserved++;
		return;
	}
	if (p->facts.ledgers)
		ledgers_count(p->facts.ledgers, LEDGERS_GENERATION, 1);
	crowd_enter(&p->crowd, child);
}

/* A connection whose socket is not kept cannot be handed off, but can be
 * served. */
static uint64_t
keep_socket(struct processes *p, const struct guest *g)
{
	uint64_t number;

	if (!p->facts.porter)
		return 0;
	if (!guest_is_new(g))
		return g->handed_off;
	number = porter_keep(p->facts.porter, g->arguments.in);
	if (number == 0 && ratelimit_allows(&p->not_kept))
		log_error("cannot give the porter the socket of a connection, "
			  "which cannot be handed off: %s",
		    strerror(errno));
	return number;
}

/* What the log process needs to know of whom the lines are. */
static void
tell_logs(const struct processes *p, const struct guest *g, size_t slot,
    pid_t pid)
{
	struct rings_facts facts = { .pid = pid, .client = g->peer };

	facts.names_clients =
	    configuration_wants_proxy_header(p->facts.configuration, &g->peer);
	rings_started(p->facts.rings, slot, &facts);
}

static bool
open_pages(struct processes *p, const struct guest *g, size_t slot,
    struct pages *pages)
{
	bool is_proxied = configuration_trusts(p->facts.configuration,
	    &g->peer);
	bool is_inherited = is_proxied || p->facts.porter;
	struct statement *statement = is_inherited ?
	    statements_begin(p->statements, slot) :
	    NULL;

	*pages = (struct pages){
		.scoreboard = scoreboard_begin(p->facts.scoreboard, slot),
		.statement = is_proxied ? statement : NULL,
	};
	return pages->scoreboard && (statement || !is_inherited) &&
	    rings_begin(p->facts.rings, slot) == 0;
}

/* errno stays unchanged. */
static void
undo_start(struct processes *p, size_t slot, int is_new, uint64_t kept)
{
	int saved = errno;

	oom_restore();
	scoreboard_count_connections(p->facts.scoreboard, -is_new);
	scoreboard_end(p->facts.scoreboard, slot, NULL);
	if (is_new && kept != 0)
		porter_drop(p->facts.porter, kept);
	errno = saved;
}

bool
processes_start(struct processes *p, struct guest *g)
{
	size_t slot = children_next_slot(p->children);
	struct pages pages = { 0 };
	int is_new = guest_is_new(g);
	struct heritage heritage = { p->facts, p->crashes.penalties,
		crashes_forbid_core(&p->crashes), getpid(), slot };
	uint64_t kept;
	pid_t pid;

	if (is_new && !guest_make_common(g, p->facts.private_base))
		return false;
	/* Before the fork: the child may send a response before the generation
	 * runs again. */
	if (!open_pages(p, g, slot, &pages))
		return false;
	scoreboard_count_connections(p->facts.scoreboard, is_new);
	kept = keep_socket(p, g);
	if (kept != 0)
		pages.handoff = statements_handoff(p->statements, slot);
	accesslog_prepare(time(NULL));
	oom_raise();
	pid = fork();
	if (pid == 0)
		become_connection(&heritage, g, &pages);
	if (pid < 0) {
		undo_start(p, slot, is_new, kept);
		return false;
	}
	/* First, as the child may wait for it. */
	guest_close(g);
	scoreboard_release(p->facts.scoreboard, slot);
	oom_restore();
	log_debug("fork() = %ld", (long)pid);
	tell_logs(p, g, slot, pid);
	count_child(p, g, pid, kept);
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

	next_ms = clock_earlier(next_ms, p->reap_ms);
	next_ms = clock_earlier(next_ms, access_sweep(&p->access));
	next_ms = clock_earlier(next_ms, children_insist(p->children));
	next_ms = clock_earlier(next_ms, crowd_sweep(&p->crowd));
	if (p->facts.porter)
		next_ms = clock_earlier(next_ms,
		    porter_catch_up(p->facts.porter));
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
processes_note_dropped(struct processes *p)
{
	dropped_lines_hurry(&p->dropped_lines);
}

size_t
processes_end_all(struct processes *p)
{
	return children_end_all(p->children);
}
