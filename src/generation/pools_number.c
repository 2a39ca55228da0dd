/*
 * How many members a pool has: as many as are needed, from spare to max.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/pools_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "generation/children.h"

/* After a member has ended before it was ready, the next one waits: so long at first,
 * and twice as long each time. */
#define FIRST_PAUSE_MS 100
#define LAST_PAUSE_MS  1000

/* A member that was told to end takes no longer, unless it is broken. */
#define END_MS 5000

static bool
start(struct pools *p, struct pool *pool, int64_t now_ms)
{
	size_t i = pool->first;

	while (i < pool->first + pool->count && pools_place(p, i)->pid != 0)
		i++;
	if (i == pool->first + pool->count)
		return false;
	if (workers_start(p->workers, i, pool->route))
		return true;
	pool->next_ms = now_ms + POOLS_AGAIN_MS;
	if (ratelimit_allows(&pool->failed))
		log_error("route %s: cannot start a process: %s%s",
		    pool->route->path, strerror(errno), refused_hint(errno));
	return false;
}

int64_t
pools_start_missing(struct pools *p, struct pool *pool, int64_t now_ms)
{
	const size_t busy = pools_count_members(p, pool, true);
	const size_t waiting = p->loans ?
	    loans_waiting(p->loans, (size_t)(pool - p->all)) :
	    0;
	size_t free = pools_count_members(p, pool, false);

	while (free < pool->queued + waiting + pool->route->processes->spare &&
	    busy + free < pool->count) {
		if (now_ms < pool->next_ms)
			return pool->next_ms;
		if (!start(p, pool, now_ms))
			return pool->next_ms > now_ms ? pool->next_ms :
							INT64_MAX;
		free++;
	}
	return INT64_MAX;
}

bool
pools_end_member(const struct pools *p, size_t place)
{
	struct processes *processes = pools_processes(p);
	const struct child *child = children_at(processes->children, place);

	if (!loans_close(p->loans, pools_member(p, place)))
		return false;
	pools_place(p, place)->is_ending = true;
	pools_place(p, place)->told_ms = clock_ms();
	scoreboard_tell_stop(processes->facts.scoreboard, place);
	if (child)
		nudge_send(child->pid);
	return true;
}

/* Returns the time of the next look. */
static int64_t
insist(const struct pools *p, size_t place, int64_t now_ms)
{
	struct children *children = pools_processes(p)->children;
	const struct place *member = pools_place(p, place);
	struct child *child = children_at(children, place);

	if (member->pid == 0 || !member->is_ending || !child || child->killed)
		return INT64_MAX;
	if (now_ms < member->told_ms + END_MS)
		return member->told_ms + END_MS;
	log_error("process %ld of a pool does not end although it is idle: "
		  "killed",
	    (long)child->pid);
	children_end(children, child);
	return INT64_MAX;
}

int64_t
pools_end_idle(struct pools *p, const struct pool *pool, int64_t now_ms)
{
	const struct pool_setting *s = pool->route->processes;
	size_t free = pools_count_members(p, pool, false);
	int64_t next_ms = INT64_MAX;
	size_t i;

	for (i = pool->first + pool->count; i-- > pool->first;) {
		next_ms = clock_earlier(next_ms, insist(p, i, now_ms));
		if (free <= s->spare || !pools_is_free(p, i))
			continue;
		if (now_ms - pools_place(p, i)->idle_ms >= s->idle_ms) {
			free -= pools_end_member(p, i);
		} else {
			next_ms = clock_earlier(next_ms,
			    pools_place(p, i)->idle_ms + s->idle_ms);
		}
	}
	return next_ms;
}

void
pools_pause_starts(struct pool *pool, bool is_failure)
{
	if (!is_failure) {
		pool->pause_ms = pool->next_ms = 0;
		return;
	}
	pool->pause_ms = pool->pause_ms == 0 ? FIRST_PAUSE_MS :
					       2 * pool->pause_ms;
	if (pool->pause_ms > LAST_PAUSE_MS)
		pool->pause_ms = LAST_PAUSE_MS;
	pool->next_ms = clock_ms() + pool->pause_ms;
	if (ratelimit_allows(&pool->failed))
		log_error("route %s: a process has ended before it was ready; "
			  "the next one is started in %" PRId64 " ms",
		    pool->route->path, pool->pause_ms);
}
