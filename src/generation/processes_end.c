/*
 * The ends of connection processes, and of helpers.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/processes_internal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/refused.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/connection.h"
#include "connection/first_handler.h"
#include "connection/guardian.h"
#include "connection/statement.h"
#include "generation/admissions.h"
#include "generation/blame.h"
#include "generation/children.h"
#include "generation/guest.h"
#include "generation/logs.h"
#include "generation/orphans.h"
#include "generation/porter.h"
#include "generation/workers.h"
#include "sandbox/bounds.h"
#include "sandbox/quota.h"
#include "sandbox/sandbox.h"

/* So few that each signal is worth a look at all. */
#define FEW_CHILDREN 32

/* From a signal to a look at all of many; the same near the ceiling; and between
 * two looks before a client is refused. */
#define REAP_REST_MS   100
#define NEAR_REST_MS   10
#define SETTLE_REST_MS 5

/* Whether a handler has called exit(3), perhaps with the status of a handoff. When
 * a connection is handed off, no handler has been called for its request. */
static bool
ended_by_handler(const struct processes *p, size_t slot, int status)
{
	char handler[BLAME_NAME_BYTES];

	if (!WIFEXITED(status) ||
	    scoreboard_state(p->facts.scoreboard, slot) != SCOREBOARD_HANDLING)
		return false;
	scoreboard_handler(p->facts.scoreboard, slot, handler);
	return WEXITSTATUS(status) != CONNECTION_HANDED_OFF ||
	    handler[0] != '\0';
}

/* Only the generation can log that. */
static void
log_exit(const struct processes *p, const struct child *child, size_t slot,
    int status)
{
	char client[ADDRESS_TEXT_BYTES], handler[BLAME_NAME_BYTES];

	if (!ended_by_handler(p, slot, status))
		return;
	scoreboard_handler(p->facts.scoreboard, slot, handler);
	address_format(&child->client, client);
	/* For one, the loader of programs ends a process with status 127. */
	if (handler[0] == '\0')
		log_error("connection process %ld of %s has ended with status "
			  "%d before it called a handler",
		    (long)child->pid, client, WEXITSTATUS(status));
	else
		log_error("connection process %ld of %s was ended by its "
			  "handler %s, with status %d",
		    (long)child->pid, client, handler, WEXITSTATUS(status));
}

static bool
has_handed_off(const struct child *child, int status)
{
	return child->kept != 0 && !child->killed && WIFEXITED(status) &&
	    (WEXITSTATUS(status) == CONNECTION_HANDED_OFF ||
		WEXITSTATUS(status) == CONNECTION_RESTS);
}

static bool
is_of_guardian(int exit_status)
{
	return exit_status == GUARDIAN_WARD_KILLED ||
	    exit_status == GUARDIAN_WARD_LIMITED;
}

/* A guardian whose ward was ended by SIGKILL says so by its status. */
static void
hear_guardian(const struct processes *p, struct end *end)
{
	if (!WIFEXITED(end->status) ||
	    !is_of_guardian(WEXITSTATUS(end->status)) ||
	    !processes_could_fork(p, end, false))
		return;
	end->is_told = true;
	end->is_limited = WEXITSTATUS(end->status) == GUARDIAN_WARD_LIMITED;
	end->status = SIGKILL; /* as waitpid(2) has it */
}

/*
 * Whether all processes of the connection have ended. A guardian ends after all
 * others, unless SIGKILL ends it. Where handlers cannot start processes, none
 * was ever allowed to fork.
 */
static bool
is_whole_end(const struct processes *p, const struct end *end)
{
	return !WIFSIGNALED(end->status) || WTERMSIG(end->status) != SIGKILL ||
	    end->is_told || !processes_could_fork(p, end, true);
}

static void
give_up_slot(struct processes *p, const struct end *end)
{
	if (is_whole_end(p, end)) {
		children_remove(p->children, end->pid);
		return;
	}
	children_retire(p->children, end->pid);
	orphans_expect(p->facts.orphans);
	log_debug("the slot of process %ld is retired", (long)end->pid);
}

/* Only a trusted proxy names another client than the one that was accepted. */
static const struct statement *
read_statement(const struct processes *p, const struct child *child,
    size_t slot, struct statement *copy)
{
	return configuration_trusts(p->facts.configuration, &child->client) &&
		statements_read(p->statements, slot, copy) ?
	    copy :
	    NULL;
}

/* The request in which a process has ended, if the process could not record it. */
static void
record_request(struct processes *p, const struct child *child, size_t slot)
{
	const int status = child->killed ? 503 : 500;
	struct scoreboard_request request;
	struct statement copy;
	const struct statement *proxied = read_statement(p, child, slot, &copy);

	if (!scoreboard_take_request(p->facts.scoreboard, slot, &request))
		return;
	scoreboard_count_lost(p->facts.scoreboard, slot, &request, status,
	    access_method(&request));
	access_end(&p->access,
	    proxied ? &proxied->facts.client : &child->client, &request,
	    status);
}

/* A signal ended the process, and prong had not sent it. SIGKILL counts towards
 * the replacement alone: it may be the kernel's, for want of memory.
 * Returns the handler to blame, "" for none. */
static const char *
count_crash(struct processes *p, const struct child *child, size_t slot,
    const struct end *end)
{
	char claimed[BLAME_NAME_BYTES];
	struct statement statement;
	struct blame blame;
	struct blame_facts facts = { .child = child,
		.statement = read_statement(p, child, slot, &statement),
		.has_called = end->has_called,
		.first_handler = end->first_handler,
		.claimed = claimed };

	scoreboard_handler(p->facts.scoreboard, slot, claimed);
	blame_find(&blame, p->facts.configuration, &facts);
	crashes_count(&p->crashes, child->pid,
	    WCOREDUMP(end->status) ||
		scoreboard_has_core(p->facts.scoreboard, slot));
	if (WTERMSIG(end->status) != SIGKILL)
		crashes_punish(&p->crashes, &blame);
	scoreboard_note_crash(p->facts.scoreboard, slot,
	    blame.handler ? blame.handler : "", WTERMSIG(end->status),
	    child->pid);
	return blame.handler ? blame.handler : "";
}

/* The guardian has logged which limit, in a ring that the handler may have damaged. */
static void
note_limit(struct child *child)
{
	char client[ADDRESS_TEXT_BYTES];

	log_error("connection process %ld of %s was killed by its guardian, at "
		  "a limit of its route",
	    (long)child->pid, address_format(&child->client, client));
	child->is_limited = true;
	child->killed = true;
}

static void
child_ended(struct processes *p, struct child *child, size_t slot,
    const struct end *end)
{
	const int status = end->status;
	struct statement statement;
	const struct statement *proxied = read_statement(p, child, slot,
	    &statement);
	/* Without a statement it would be taken for the proxy itself. */
	bool goes_on = has_handed_off(child, status) &&
	    !ended_by_handler(p, slot, status) &&
	    (proxied ||
		!configuration_trusts(p->facts.configuration, &child->client));
	struct guest next;
	pid_t pid = child->pid;
	bool crashed, is_counted;

	/* First: the lines of this process come after those of the child. */
	rings_end(p->facts.rings, slot);
	if (end->used_up && !child->killed)
		watchdog_note_kill(child);
	if (end->is_limited)
		note_limit(child);
	crashed = crashes_log(p->facts.scoreboard, child, slot, status);
	crashes_note_limit(p->facts.scoreboard, child, slot, status);
	record_request(p, child, slot);

	/* The process was waited for: its pid may belong to another now. */
	child->killed = true;

	log_debug("waitpid() = %ld, status 0x%04x", (long)pid,
	    (unsigned)status);
	log_exit(p, child, slot, status);
	dropped_lines_note(&p->dropped_lines, slot);
	guest_hand_off(&next, child, proxied);
	scoreboard_end(p->facts.scoreboard, slot,
	    crashed ? count_crash(p, child, slot, end) : NULL);
	crowd_leave(&p->crowd, child);
	admissions_leave(p->admissions, child->admitted);
	is_counted = p->facts.ledgers && !child->is_reserved;
	p->reserved -= child->is_reserved;
	give_up_slot(p, end);
	if (!goes_on || !processes_go_on(p, &next, slot, end))
		processes_drop_socket(p, slot, next.handed_off);
	/* Last: one that goes on is never uncounted. */
	if (is_counted)
		ledgers_count(p->facts.ledgers, LEDGERS_GENERATION, -1);
}

/* Without its helpers a generation serves, but cuts connections. */
static void
helper_ended(struct processes *p, pid_t pid, int status)
{
	static const char *const names[HELPERS_MAX] = {
		[HELPER_PORTER] = "porter",
		[HELPER_LOGS] = "log process",
		[HELPER_FOLDERS] = "folders",
	};
	size_t i;

	for (i = 0; i < HELPERS_MAX; i++) {
		if (p->facts.helpers[i] != pid)
			continue;
		p->facts.helpers[i] = 0;
		p->has_lost_helper = !p->is_stopping;
		if (p->has_lost_helper)
			log_error("a helper of the generation has ended, %s "
				  "(%s %d): the generation is replaced",
			    names[i], WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) :
						  WEXITSTATUS(status));
	}
}

static void
take_end(struct processes *p, const struct end *end)
{
	struct child *child;
	size_t slot;

	if (logs_reap(p->facts.logs, end->pid, end->status))
		return;
	child = children_find(p->children, end->pid, &slot);
	if (child && child->worker)
		workers_take_end(p, child, slot, end);
	else if (child)
		child_ended(p, child, slot, end);
	else
		helper_ended(p, end->pid, end->status);
}

/* Returns -1. The slots of processes that have ended stay in use. */
static pid_t
fail_to_wait(struct processes *p)
{
	if (errno != ECHILD && errno != EINTR && ratelimit_allows(&p->blind))
		log_error("cannot wait for ended processes: %s%s",
		    strerror(errno), refused_hint(errno));
	return -1;
}

/* Called as long as the kernel has the limits of the child. */
static bool
has_used_up(const struct processes *p, const struct end *end, pid_t child)
{
	const struct configuration *c = p->facts.configuration;
	const struct route *first;

	if (!end->has_called || end->first_handler >= c->handler_count)
		return false;
	first = c->handlers[end->first_handler]->route;
	return bounds_are_used_up(child,
	    quota_cpu_in_all_ms(&first->limits, first->handler_count));
}

/* Reaps a child: that one, or any if pid is -1. Of one that a signal has ended it
 * finds out the first handler, as long as the kernel has its limits. Returns the
 * pid, 0 when it has not ended, or -1 when there is none. */
static pid_t
reap(struct processes *p, pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };
	struct end end = { .pid = 0 };

	if (waitid(pid < 0 ? P_ALL : P_PID, pid < 0 ? 0 : (id_t)pid, &info,
		WEXITED | WNOHANG | WNOWAIT) < 0)
		return fail_to_wait(p);
	if (info.si_pid == 0)
		return 0;
	if (info.si_code != CLD_EXITED || is_of_guardian(info.si_status))
		end.has_called = first_handler_of(info.si_pid,
		    &end.first_handler);
	end.used_up = info.si_code == CLD_KILLED && info.si_status == SIGKILL &&
	    has_used_up(p, &end, info.si_pid);
	end.pid = waitpid(info.si_pid, &end.status, WNOHANG);
	if (end.pid < 0)
		return fail_to_wait(p);
	if (end.pid == 0)
		return 0;
	hear_guardian(p, &end);
	take_end(p, &end);
	return end.pid;
}

/* Those that end meanwhile come next time: a connection that goes on in another
 * process again and again could keep everybody else waiting.
 * waitid(P_ALL) walks through all children of the process: with 2,000 living ones
 * it takes as long as a third of a fork. */
static void
reap_all(struct processes *p, int64_t now_ms)
{
	size_t left = children_count(p->children) +
	    children_workers(p->children) + HELPERS_MAX;

	p->reaped_ms = now_ms;
	while (left > 0 && reap(p, -1) > 0)
		left--;
	p->reap_ms = left > 0 ? INT64_MAX : now_ms;
}

static void
reap_each(struct processes *p, pid_t *pids, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (pids[i] > 0 && reap(p, pids[i]) != 0)
			pids[i] = 0;
}

/* How long ends may be overlooked. Near the ceiling clients lose connections for
 * others, so that the number has to be true. */
static int64_t
reap_rest_ms(const struct processes *p)
{
	const size_t count = children_count(p->children),
		     max = p->facts.configuration->max_connections;

	if (count <= FEW_CHILDREN)
		return 0;
	return count >= max - max / 8 ? NEAR_REST_MS : REAP_REST_MS;
}

void
processes_reap(struct processes *p, bool was_told)
{
	pid_t pids[SIGNALS_ENDED_MAX];
	size_t count = signals_ended(pids);
	int64_t now_ms = clock_ms(), rest_ms = reap_rest_ms(p);

	if (now_ms >= p->reap_ms || (was_told && rest_ms == 0)) {
		reap_all(p, now_ms);
	} else if (was_told) {
		reap_each(p, pids, count);
		reap_each(p, p->young, YOUNG_CHILDREN);
		p->reap_ms = clock_earlier(p->reap_ms, now_ms + rest_ms);
	}
}

void
processes_settle(struct processes *p)
{
	int64_t now_ms = clock_ms();

	if (p->reap_ms != INT64_MAX && now_ms - p->reaped_ms >= SETTLE_REST_MS)
		reap_all(p, now_ms);
}
