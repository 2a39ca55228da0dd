/* SPDX-License-Identifier: ISC */
#include "generation/crashes.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/penalty.h"
#include "generation/blame.h"
#include "generation/children.h"
#include "sandbox/core.h"
#include "sandbox/quota.h"

void
crashes_init(struct crashes *c, const struct configuration *configuration,
    int *descriptor)
{
	*c = (struct crashes){ .configuration = configuration };
	if (configuration->crash_penalty_ms > 0)
		c->penalties = penalties_new(configuration->crash_penalty_ms,
		    descriptor);
	if (configuration->crash_penalty_ms > 0 && !c->penalties)
		log_warning("no client gets a penalty for crashes: cannot make "
			    "the table: %s",
		    strerror(errno));
}

static bool
is_quota(int number)
{
	return number == QUOTA_CPU_SIGNAL || number == QUOTA_TIME_SIGNAL ||
	    number == QUOTA_TOTAL_SIGNAL;
}

bool
crashes_log(const struct scoreboard *scoreboard, const struct child *child,
    size_t slot, int status)
{
	char client[ADDRESS_TEXT_BYTES], handler[BLAME_NAME_BYTES];
	const char *more = "";

	if (!WIFSIGNALED(status) || child->killed)
		return false;
	scoreboard_handler(scoreboard, slot, handler);
	if (scoreboard_state(scoreboard, slot) == SCOREBOARD_CRASHED) {
		more = "; its crash report is above";
		handler[0] = '\0';
	} else if (handler[0] != '\0') {
		more = " in the handler ";
	}
	/* Its report has said which limit; the number of a signal is no news. */
	if (more[0] != '\0' && handler[0] == '\0' && is_quota(WTERMSIG(status)))
		return true;
	if (child->is_member && child->client.length == 0)
		log_error("process %ld of a pool was ended by signal %d (%s) "
			  "before it had a client%s%s",
		    (long)child->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)), more, handler);
	else if (child->worker && !child->is_member)
		log_error("worker %zu (process %ld) was ended by signal %d "
			  "(%s)%s%s; its connections are cut",
		    child->worker, (long)child->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)), more, handler);
	else
		log_error("connection process %ld of %s was ended by signal "
			  "%d (%s)%s%s",
		    (long)child->pid, address_format(&child->client, client),
		    WTERMSIG(status), strsignal(WTERMSIG(status)), more,
		    handler);
	return true;
}

void
crashes_note_limit(const struct scoreboard *scoreboard,
    const struct child *child, size_t slot, int status)
{
	if (child->is_limited ||
	    (WIFSIGNALED(status) && !child->killed &&
		is_quota(WTERMSIG(status))))
		scoreboard_note_limit(scoreboard, slot);
}

static void
log_penalty(const struct blame *b, int64_t ms)
{
	char host[ADDRESS_TEXT_BYTES];
	const char *client = address_format_host(&b->client, host);
	long long seconds = (long long)(ms + 999) / 1000;

	if (client[0] == '\0')
		client = "a client of a Unix socket";
	if (!b->route)
		log_warning("%s is refused for %lld s: its connections crash "
			    "before a handler is called",
		    client, seconds);
	else if (b->handler)
		log_warning("%s is refused for %lld s: its requests crash the "
			    "handler %s, whose routes it is refused",
		    client, seconds, b->handler);
	else
		log_warning("%s is refused for %lld s: its requests crash a "
			    "handler of route %s; it is refused the routes of "
			    "these handlers",
		    client, seconds, b->route->path);
}

/* The route has a handler twice, perhaps, but the crash counts once. */
static bool
stands_before(const struct route *route, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (strcmp(route->handlers[j].name, route->handlers[i].name) ==
		    0)
			return true;
	return false;
}

/* Any handler of the route may have crashed. */
static int64_t
punish_route(struct crashes *c, const struct blame *b, int64_t now_ms)
{
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < b->route->handler_count; i++)
		if (!stands_before(b->route, i))
			ms = penalty_add(c->penalties, b->key,
			    b->route->handlers[i].name, now_ms);
	return ms;
}

void
crashes_punish(struct crashes *c, const struct blame *b)
{
	int64_t now_ms = clock_ms(), ms;

	if (!c->penalties || b->is_exempt)
		return;
	if (!b->route || b->handler)
		ms = penalty_add(c->penalties, b->key, b->handler, now_ms);
	else
		ms = punish_route(c, b, now_ms);
	if (ms > 0)
		log_penalty(b, ms);
}

void
crashes_count(struct crashes *c, pid_t pid, bool dumped_core)
{
	int64_t now_ms = clock_ms();

	if (dumped_core) {
		log_info("process %ld left a core file", (long)pid);
		c->next_core_ms = now_ms + CORE_INTERVAL_MS;
	}
	if (now_ms - c->minute_ms >= 60000) {
		c->minute_ms = now_ms;
		c->count = 0;
	}
	if (++c->count == c->configuration->max_crashes)
		c->is_worn = true;
}

bool
crashes_refuse(const struct crashes *c, struct address_key client)
{
	return c->penalties && penalties_any(c->penalties) &&
	    penalty_left_ms(c->penalties, client, NULL, clock_ms()) > 0;
}

bool
crashes_are_too_many(struct crashes *c)
{
	/* The field is written only when it changes: after a fork each page
	 * that is written is copied. */
	if (!c->is_worn)
		return false;
	c->is_worn = false;
	return true;
}

bool
crashes_forbid_core(const struct crashes *c)
{
	return c->configuration->core_folder && clock_ms() < c->next_core_ms;
}
