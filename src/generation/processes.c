/* SPDX-License-Identifier: ISC */
#include "generation/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accesslog/logline.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "config/configuration.h"
#include "connection/connection.h"
#include "connection/handoff.h"
#include "connection/statement.h"
#include "generation/blame.h"
#include "generation/children.h"
#include "generation/crashes.h"
#include "generation/crowd.h"
#include "generation/dropped_lines.h"
#include "generation/guest.h"
#include "generation/orphans.h"
#include "generation/watchdog.h"
#include "sandbox/core.h"

struct processes {
	struct processes_facts facts;
	struct children *children;
	struct crowd crowd;
	struct statements *statements;
	size_t slots;	      /* with the reserved ones */
	size_t reserved;      /* number of children in such */
	size_t with_old_logs; /* number of children */
	struct crashes crashes;
	struct watchdog watchdog;
	struct dropped_lines dropped_lines;
};

/* Handoffs that are taken at a time, beyond one for each connection. */
#define HANDOFFS_AT_ONCE 1000

struct processes *
processes_new(const struct processes_facts *facts)
{
	struct processes *p = calloc(1, sizeof(*p));
	size_t max = facts->configuration->max_connections +
	    SCOREBOARD_RESERVED;

	logline_open(facts->access_log);
	if (p) {
		p->facts = *facts;
		p->slots = max;
		p->children = children_new(max);
		p->statements = statements_new(max);
		crashes_init(&p->crashes, facts->configuration);
		watchdog_init(&p->watchdog, facts->configuration,
		    facts->scoreboard, p->children);
		p->dropped_lines =
		    (struct dropped_lines){ .children = p->children,
			    .scoreboard = facts->scoreboard,
			    .slots = max };
	}
	if (!p || !p->children || !p->statements ||
	    crowd_init(&p->crowd, facts->configuration, facts->scoreboard,
		p->children) < 0) {
		log_error("cannot make the tables for %zu connections: %s", max,
		    strerror(errno));
		free(p);
		return NULL;
	}
	return p;
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
	return crashes_are_too_many(&p->crashes);
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
become_connection(const struct processes *p, struct guest *g,
    struct scoreboard_page *page, struct statement *statement)
{
	close_range((unsigned)p->facts.private_base, ~0U, 0);
	if (crashes_forbid_core(&p->crashes))
		core_forbid();
	signals_reset();
	guest_serve(g, &p->facts, page, statement, p->crashes.penalties);
}

static void
count_child(struct processes *p, const struct guest *g, pid_t pid)
{
	struct child *child = children_add(p->children, pid);

	watchdog_begin(&child->view, clock_ms());
	child->began_ms = g->began_ms ? g->began_ms : child->view.change_ms;
	child->was_told = g->was_told;
	child->client = g->peer;
	child->key = g->arguments.key;
	child->is_reserved = g->is_reserved;
	if (g->is_reserved)
		p->reserved++;
	else
		crowd_enter(&p->crowd, child);
}

bool
processes_start(struct processes *p, struct guest *g)
{
	size_t slot = children_next_slot(p->children);
	struct scoreboard_page *page;
	struct statement *statement;
	int is_new = guest_is_new(g);
	pid_t pid;

	if (!guest_make_common(g, p->facts.private_base))
		return false;
	/* Before the fork: the child may send a response before the generation
	 * runs again. */
	page = scoreboard_begin(p->facts.scoreboard, slot);
	statement = statements_begin(p->statements, slot);
	if (!page || !statement)
		return false;
	scoreboard_count_connections(p->facts.scoreboard, is_new);
	pid = fork();
	if (pid == 0)
		become_connection(p, g, page, statement);
	if (pid < 0) {
		int saved = errno;

		scoreboard_count_connections(p->facts.scoreboard, -is_new);
		scoreboard_end(p->facts.scoreboard, slot, NULL);
		errno = saved;
		return false;
	}
	log_debug("fork() = %ld", (long)pid);
	count_child(p, g, pid);
	guest_close(g);
	return true;
}

/* A process whose message holds no connection, or a second one, is broken. It
 * is killed, because it might send messages as fast as they are taken. */
static void
end_forger(struct child *child)
{
	char client[ADDRESS_TEXT_BYTES];

	if (!child || child->killed)
		return;
	log_error("connection process %ld of %s handed back what is no "
		  "connection: killed",
	    (long)child->pid, address_format(&child->client, client));
	child->killed = true;
	kill(child->pid, SIGKILL);
}

/* What the generation knows of a connection stays true in its next process: a
 * handoff makes it neither younger nor free from being told to end. */
static void
keep_facts(struct guest *g, const struct child *child)
{
	g->is_reserved = child->is_reserved;
	g->began_ms = child->began_ms;
}

static void
take_handoff(struct processes *p, struct handoff *h, bool is_whole)
{
	struct statement statement;
	size_t slot;
	struct child *child = children_find(p->children, h->pid, &slot);

	if (is_whole && child && !child->passed_on &&
	    statements_read(p->statements, slot, &statement)) {
		bool trusted = configuration_trusts(p->facts.configuration,
		    &child->client);

		h->socket = processes_make_private(p, h->socket);
		h->unread = processes_make_private(p, h->unread);
		child->passed_on = guest_new(h, &child->client, child->key,
		    trusted ? &statement : NULL);
		if (child->passed_on)
			keep_facts(child->passed_on, child);
		return;
	}
	end_forger(child);
	if (is_whole) {
		close(h->socket);
		close(h->unread);
	}
}

/*
 * A connection that a process has handed off is kept with its child until the
 * process has ended. The bound is for messages of processes that handlers have
 * started, which are not among the children.
 */
void
processes_take_handoffs(struct processes *p)
{
	size_t left = p->facts.configuration->max_connections +
	    HANDOFFS_AT_ONCE;
	struct handoff h;
	int result;

	while (left-- > 0 &&
	    (result = handoff_receive(p->facts.handoff[0], &h)) != 0)
		take_handoff(p, &h, result > 0);
}

int
processes_descriptor(const struct processes *p)
{
	return p->facts.handoff[0];
}

/* A handler has called exit(3): only the generation can log that. */
static void
log_exit(const struct processes *p, const struct child *child, size_t slot,
    int status)
{
	char client[ADDRESS_TEXT_BYTES];

	if (WIFEXITED(status) && WEXITSTATUS(status) != CONNECTION_HANDED_OFF &&
	    scoreboard_state(p->facts.scoreboard, slot) == SCOREBOARD_HANDLING)
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
pass_on(struct processes *p, struct guest *g, int status)
{
	if (has_handed_off(status)) {
		if (processes_start(p, g)) {
			free(g);
			return;
		}
		log_error("cannot fork a process for a connection to go on: "
			  "%s",
		    strerror(errno));
	}
	guest_free(g);
}

/* A signal ended the process, and prong had not sent it. SIGKILL counts towards
 * the replacement alone: it may be the kernel's, for want of memory.
 * Returns the handler to blame, "" for none. */
static const char *
count_crash(struct processes *p, const struct child *child, size_t slot,
    int status)
{
	char claimed[BLAME_NAME_BYTES];
	struct statement statement;
	struct blame blame;
	bool made = statements_read(p->statements, slot, &statement);

	scoreboard_handler(p->facts.scoreboard, slot, claimed);
	blame_find(&blame, p->facts.configuration, child,
	    made ? &statement : NULL, claimed);
	crashes_count(&p->crashes, child->pid, WCOREDUMP(status));
	if (WTERMSIG(status) != SIGKILL)
		crashes_punish(&p->crashes, &blame);
	return blame.handler ? blame.handler : "";
}

static void
child_ended(struct processes *p, struct child *child, size_t slot, int status)
{
	bool crashed = crashes_log(p->facts.scoreboard, child, slot, status);
	struct guest *passed_on;
	pid_t pid = child->pid;

	/* The process was waited for: its pid may belong to another now. */
	child->killed = true;
	/* The process may have sent its handoff after the others were taken. */
	if (!child->passed_on && has_handed_off(status))
		processes_take_handoffs(p);
	passed_on = child->passed_on;
	if (passed_on)
		passed_on->was_told = child->was_told || child->told_ms > 0;

	log_debug("waitpid() = %ld, status 0x%04x", (long)pid,
	    (unsigned)status);
	log_exit(p, child, slot, status);
	dropped_lines_note(&p->dropped_lines, slot);
	scoreboard_end(p->facts.scoreboard, slot,
	    crashed ? count_crash(p, child, slot, status) : NULL);
	crowd_leave(&p->crowd, child);
	p->reserved -= child->is_reserved;
	if (child->has_old_logs)
		p->with_old_logs--;
	children_remove(p->children, pid);
	if (passed_on)
		pass_on(p, passed_on, status);
}

void
processes_reap(struct processes *p)
{
	struct child *child;
	size_t slot;
	int status;
	pid_t pid;

	if (p->facts.handoff[0] >= 0)
		processes_take_handoffs(p);
	if (p->facts.orphans)
		orphans_end_next_group();
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (p->facts.orphans)
			orphans_end_next_group();
		child = children_find(p->children, pid, &slot);
		if (child)
			child_ended(p, child, slot, status);
	}
}

static int64_t
look_for_dropped(struct processes *p)
{
	return p->facts.access_log >= 0 ?
	    dropped_lines_look(&p->dropped_lines) :
	    INT64_MAX;
}

static int64_t
sweep_orphans(struct processes *p)
{
	return p->facts.orphans ? orphans_sweep(p->facts.orphans, p->children) :
				  INT64_MAX;
}

int64_t
processes_sweep(struct processes *p)
{
	int64_t next_ms = clock_earlier(watchdog_sweep(&p->watchdog),
	    look_for_dropped(p));

	next_ms = clock_earlier(next_ms, crowd_sweep(&p->crowd));
	return clock_earlier(next_ms, sweep_orphans(p));
}

void
processes_say_last(struct processes *p)
{
	dropped_lines_log_last(&p->dropped_lines);
}

void
processes_drain(struct processes *p)
{
	size_t slot;

	scoreboard_drain(p->facts.scoreboard);
	for (slot = 0; slot < p->slots; slot++)
		if (children_at(p->children, slot))
			scoreboard_tell_drain(p->facts.scoreboard, slot);
}

void
processes_reopen(struct processes *p)
{
	struct child *child;
	size_t slot;

	logline_open(p->facts.access_log);
	for (slot = 0; slot < p->slots; slot++) {
		child = children_at(p->children, slot);
		if (!child)
			continue;
		child->has_old_logs = true;
		scoreboard_tell_drain(p->facts.scoreboard, slot);
	}
	p->with_old_logs = processes_count(p);
}

size_t
processes_with_old_logs(const struct processes *p)
{
	return p->with_old_logs;
}

size_t
processes_kill(struct processes *p)
{
	return children_kill(p->children);
}
