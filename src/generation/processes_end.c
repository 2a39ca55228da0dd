/*
 * The ends of connection processes, and of helpers.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/processes_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/address.h"
#include "base/log.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "connection/connection.h"
#include "connection/statement.h"
#include "generation/blame.h"
#include "generation/children.h"
#include "generation/guest.h"
#include "generation/logs.h"
#include "generation/orphans.h"
#include "generation/porter.h"

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
	crashes_count(&p->crashes, child->pid,
	    WCOREDUMP(status) ||
		scoreboard_has_core(p->facts.scoreboard, slot));
	if (WTERMSIG(status) != SIGKILL)
		crashes_punish(&p->crashes, &blame);
	return blame.handler ? blame.handler : "";
}

static void
child_ended(struct processes *p, struct child *child, size_t slot, int status)
{
	bool goes_on = has_handed_off(status) && child->handoff != 0;
	struct statement statement;
	struct guest next;
	pid_t pid = child->pid;
	bool crashed;

	/* First: the lines of this process come after those of the child. */
	rings_end(p->facts.rings, slot);
	crashed = crashes_log(p->facts.scoreboard, child, slot, status);

	/* The process was waited for: its pid may belong to another now. */
	child->killed = true;

	log_debug("waitpid() = %ld, status 0x%04x", (long)pid,
	    (unsigned)status);
	log_exit(p, child, slot, status);
	dropped_lines_note(&p->dropped_lines, slot);
	guest_hand_off(&next, child,
	    configuration_trusts(p->facts.configuration, &child->client) &&
		    statements_read(p->statements, slot, &statement) ?
		&statement :
		NULL);
	scoreboard_end(p->facts.scoreboard, slot,
	    crashed ? count_crash(p, child, slot, status) : NULL);
	crowd_leave(&p->crowd, child);
	p->reserved -= child->is_reserved;
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
