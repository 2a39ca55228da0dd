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
#include "base/log.h"
#include "base/log_channel.h"
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
#include "generation/watchdog.h"
#include "sandbox/core.h"

struct processes {
	struct processes_facts facts;
	struct children *children;
	struct peers *peers;
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
	size_t max = facts->configuration->max_connections;

	if (p) {
		p->facts = *facts;
		p->children = children_new(max);
		p->peers = peers_new(max);
		crashes_init(&p->crashes, facts->configuration);
		watchdog_init(&p->watchdog, facts->configuration,
		    facts->scoreboard, p->children);
		p->dropped_lines =
		    (struct dropped_lines){ .children = p->children,
			    .scoreboard = facts->scoreboard,
			    .slots = max };
	}
	if (!p || !p->children || !p->peers) {
		log_error("cannot make the tables for %zu connections: %s", max,
		    strerror(errno));
		free(p);
		return NULL;
	}
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
	return crashes_are_too_many(&p->crashes);
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
    struct scoreboard_page *page)
{
	log_channel_open(p->facts.rings, slot);
	close_range((unsigned)p->facts.private_base, ~0U, 0);
	if (crashes_forbid_core(&p->crashes))
		core_forbid();
	signals_reset();
	guest_serve(g, &p->facts, page);
}

static void
count_child(struct processes *p, const struct guest *g, pid_t pid)
{
	struct child *child = children_add(p->children, pid);

	watchdog_begin(&child->view, clock_ms());
	child->client = g->peer;
	child->counted = is_counted(p, &g->peer);
	if (!child->counted)
		return;
	child->client_key = address_client_key(&g->peer);
	peers_add(p->peers, child->client_key);
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

bool
processes_start(struct processes *p, struct guest *g)
{
	size_t slot = children_next_slot(p->children);
	struct scoreboard_page *page;
	int is_new = guest_is_new(g);
	pid_t pid;

	if (!guest_make_common(g, p->facts.private_base))
		return false;
	/* Before the fork: the child may send a response before the generation
	 * runs again. */
	page = scoreboard_begin(p->facts.scoreboard, slot);
	if (!page || rings_begin(p->facts.rings, slot) < 0)
		return false;
	scoreboard_count_connections(p->facts.scoreboard, is_new);
	pid = fork();
	if (pid == 0)
		become_connection(p, g, slot, page);
	if (pid < 0) {
		int saved = errno;

		scoreboard_count_connections(p->facts.scoreboard, -is_new);
		scoreboard_end(p->facts.scoreboard, slot, false);
		errno = saved;
		return false;
	}
	log_debug("fork() = %ld", (long)pid);
	tell_logs(p, g, slot, pid);
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

static void
take_handoff(struct processes *p, struct handoff *h, bool is_whole)
{
	size_t slot;
	struct child *child = children_find(p->children, h->pid, &slot);

	if (is_whole && child && !child->passed_on) {
		h->socket = processes_make_private(p, h->socket);
		h->unread = processes_make_private(p, h->unread);
		child->passed_on = guest_new(h, &child->client,
		    configuration_trusts(p->facts.configuration,
			&child->client));
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

static void
child_ended(struct processes *p, struct child *child, size_t slot, int status)
{
	struct guest *passed_on;
	pid_t pid = child->pid;
	bool crashed;

	/* First: the lines of this process come after those of the child. */
	rings_end(p->facts.rings, slot);
	crashed = crashes_log(p->facts.scoreboard, child, slot, status);

	/* The process was waited for: its pid may belong to another now. */
	child->killed = true;
	/* The process may have sent its handoff after the others were taken. */
	if (!child->passed_on && has_handed_off(status))
		processes_take_handoffs(p);
	passed_on = child->passed_on;

	log_debug("waitpid() = %ld, status 0x%04x", (long)pid,
	    (unsigned)status);
	log_exit(p, child, slot, status);
	dropped_lines_note(&p->dropped_lines, slot);
	scoreboard_end(p->facts.scoreboard, slot, crashed);
	if (crashed)
		crashes_count(&p->crashes, child, WCOREDUMP(status));
	if (child->counted)
		peers_remove(p->peers, child->client_key);
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
		if (logs_reap(p->facts.logs, pid, status))
			continue;
		child = children_find(p->children, pid, &slot);
		if (child)
			child_ended(p, child, slot, status);
	}
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
	return p->facts.orphans ? orphans_sweep(p->facts.orphans, p->children,
				      logs_pid(p->facts.logs)) :
				  INT64_MAX;
}

int64_t
processes_sweep(struct processes *p)
{
	int64_t next_ms = clock_earlier(watchdog_sweep(&p->watchdog),
	    look_for_dropped(p));

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
	size_t max = p->facts.configuration->max_connections, slot;

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
processes_kill(struct processes *p)
{
	return children_kill(p->children);
}
