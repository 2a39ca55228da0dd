/* SPDX-License-Identifier: ISC */
#include "generation/workers.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/dontfork.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "generation/children.h"
#include "generation/pools.h"
#include "generation/processes_internal.h"
#include "generation/workers_internal.h"
#include "worker/standstill.h"
#include "worker/worker.h"

/* After a crash the next worker comes at once; if that ends soon, too, then
 * later. And after a fork that has failed. */
#define SOON_MS	 1000
#define AGAIN_MS 500

/* A failure ends the start. */
static int
make_wakes(struct workers *w)
{
	w->woken = epoll_create1(EPOLL_CLOEXEC);
	if (w->woken < 0 ||
	    descriptor_move(&w->woken, w->processes->facts.private_base) < 0)
		return -1;
	return workers_make_wake(w, &w->wakes[ROUTE_WORKER]) < 0 ||
		workers_make_wake(w, &w->wakes[ROUTE_SHARED]) < 0 ?
	    -1 :
	    0;
}

struct workers *
workers_new(struct processes *p)
{
	const size_t count = p->facts.workers.count;
	struct workers *w = dontfork_alloc(sizeof(*w) +
	    count * sizeof(w->places[0]));

	if (w) {
		w->processes = p;
		w->members = p->facts.workers.members;
		w->count = count - w->members;
		w->accepting = p->facts.workers.believed;
		w->room = worker_room(w->accepting);
		w->pools = pools_new(w);
		if (w->pools && make_wakes(w) == 0)
			return w;
	}
	log_error("cannot make the table of %zu workers: %s", count,
	    strerror(errno));
	return NULL;
}

void
workers_listen(struct workers *w, int *listeners, size_t count)
{
	if (!w)
		return;
	w->listeners = listeners;
	w->listener_count = count;
}

int64_t
workers_keep(struct workers *w)
{
	int64_t now_ms = clock_ms(), next_ms = INT64_MAX;
	size_t i;

	if (!w || w->is_stopping)
		return INT64_MAX;
	for (i = 0; i < w->count; i++) {
		struct place *place = &w->places[i];

		if (place->pid != 0)
			continue;
		if (now_ms >= place->next_ms && !workers_start(w, i, NULL)) {
			place->next_ms = now_ms + AGAIN_MS;
			if (ratelimit_allows(&w->not_forked))
				log_error("cannot start worker %zu: %s%s",
				    i + 1, strerror(errno),
				    refused_hint(errno));
		}
		if (place->pid == 0)
			next_ms = clock_earlier(next_ms, place->next_ms);
	}
	return next_ms;
}

/* Whether it waits for events. */
static bool
watch(struct workers *w, size_t place, int64_t now_ms)
{
	struct processes *p = w->processes;
	const struct scoreboard_signs signs =
	    scoreboard_signs(p->facts.scoreboard, place);
	struct child *child = children_at(p->children, place);

	if (!child || child->killed)
		return true;
	switch (stillness_look(&w->places[place].stillness, signs.calls,
	    signs.is_waiting, now_ms)) {
	case STILLNESS_ASK:
		log_warning("worker %zu (process %ld) stands still; it is "
			    "asked where",
		    place + 1, (long)child->pid);
		standstill_ask(child->pid);
		break;
	case STILLNESS_END:
		log_error("worker %zu (process %ld) has stood still for %d s: "
			  "killed; its connections are cut",
		    place + 1, (long)child->pid, STILLNESS_END_MS / 1000);
		children_end(p->children, child);
		break;
	case STILLNESS_NONE:
	default:
		break;
	}
	return signs.is_waiting;
}

int64_t
workers_watch(struct workers *w)
{
	bool all_wait = true;
	int64_t now_ms;
	size_t i;

	if (!w || children_workers(w->processes->children) == 0)
		return INT64_MAX;
	now_ms = clock_ms();
	if (now_ms < w->watch_ms)
		return w->watch_ms;
	for (i = 0; i < w->count; i++)
		all_wait &= watch(w, i, now_ms);
	w->watch_ms = now_ms +
	    (all_wait ? STILLNESS_IDLE_MS : STILLNESS_LOOK_MS);
	return w->watch_ms;
}

void
workers_stop(struct workers *w)
{
	if (!w || w->is_stopping)
		return;
	w->is_stopping = true;
	pools_stop(w->pools);
}

int
workers_descriptor(const struct workers *w)
{
	return w ? w->woken : -1;
}

size_t
workers_connections(const struct workers *w)
{
	size_t i, sum = 0;

	for (i = 0; w && i < w->count; i++)
		sum += ledgers_in(w->processes->facts.ledgers, i + 1);
	return w ? sum + pools_connections(w->pools) : 0;
}

static void
tell(const struct workers *w, size_t i, size_t *numbers)
{
	const struct processes_facts *facts = &w->processes->facts;
	const struct place *place = &w->places[i];

	numbers[0] = (size_t)place->pid;
	numbers[1] = (size_t)(clock_ms() - place->began_ms) / 1000;
	numbers[2] = ledgers_in(facts->ledgers, i + 1);
	numbers[3] = (size_t)scoreboard_signs(facts->scoreboard, i).requests;
}

size_t
workers_tell(const struct workers *w, size_t first, size_t max, size_t *numbers)
{
	size_t i;

	for (i = 0; w && i < max && first + i < w->count; i++)
		tell(w, first + i, numbers + i * PROTOCOL_WORKER_NUMBERS);
	return i;
}

bool
workers_have_left(const struct workers *w)
{
	size_t i;

	for (i = 0; w && w->listener_count > 0 && i < w->accepting; i++)
		if (w->places[i].pid != 0 &&
		    !scoreboard_signs(w->processes->facts.scoreboard, i)
			 .has_left)
			return false;
	return true;
}

bool
workers_accept(const struct workers *w)
{
	return w && !w->is_stopping &&
	    workers_choose(w, ROUTE_WORKER) < w->count &&
	    !worker_is_enough(w->processes->facts.ledgers, w->accepting,
		w->processes->facts.configuration, w->room);
}

void
workers_note_end(struct workers *w, const struct child *child)
{
	struct processes *p = w->processes;
	const size_t number = child->worker;
	struct place *place = &w->places[number - 1];
	const int64_t now_ms = clock_ms();

	place->pid = 0;
	if (place->wake > 0)
		descriptor_close(place->wake);
	place->wake = 0;
	workers_take_parcels(w, number - 1);
	workers_return_parcels(w, number - 1);
	workers_forget(w, number - 1);
	if (number > w->count)
		pools_note_end(w->pools, number - 1);
	else if (number <= w->accepting)
		pools_note_lender_end(w->pools, number - 1);
	ledgers_clear(p->facts.ledgers, number);
	children_remove(p->children, child->pid);
	place->next_ms = now_ms - place->began_ms < SOON_MS ?
	    now_ms + AGAIN_MS :
	    now_ms;
}
