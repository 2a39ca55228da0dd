/*
 * The process of a worker. See worker.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "worker/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/handler_stderr.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/orphan.h"
#include "base/title.h"
#include "config/configuration.h"
#include "connection/crash_handler.h"
#include "sandbox/sandbox.h"
#include "worker/internal.h"
#include "worker/lend.h"
#include "worker/standstill.h"

/* Of address space; memory is used as far as calls are deep. */
#define STACK_BYTES (256 * 1024)

/* Of the house itself, and of the hatch. */
#define HOUSE_FIBERS 2

/* Between two looks for memory that is not needed. */
#define TRIM_MS 1000

/* What a fiber does until the others have a turn. */
#define MAX_STEPS  16
#define MAX_OCTETS (256 * 1024)

static void
hear_generation(struct worker *w)
{
	const struct scoreboard_page *page = w->facts.page;
	size_t i;

	w->is_stopping |= page->is_stopping || orphan_is_noted();
	w->is_draining |= w->is_stopping || page->is_draining;
	rows_hear(w);
	if (!w->is_draining)
		return;
	for (i = 0; i < w->door_count; i++)
		door_leave(&w->doors[i]);
	hatch_leave(w);
	client_tell_all(w);
	client_note_last(w);
}

static void
interrupted(void *context)
{
	hear_generation(context);
}

/* Gives back what was not needed in the last second. Returns the time of the next
 * look: none is due if nothing is left. */
static int64_t
trim(struct worker *w)
{
	const int64_t now_ms = clock_ms();

	if (!w->has_spare)
		return INT64_MAX;
	if (w->trim_ms == INT64_MAX) {
		w->trim_ms = now_ms + TRIM_MS;
	} else if (now_ms >= w->trim_ms) {
		w->has_spare = seat_trim(w);
		w->has_spare |= loop_trim(w->loop);
		w->trim_ms = w->has_spare ? now_ms + TRIM_MS : INT64_MAX;
	}
	return w->trim_ms;
}

/* Returns the time of the next call. */
static int64_t
keep_in_order(struct worker *w)
{
	return clock_earlier(clock_earlier(trim(w), access_sweep(&w->access)),
	    untold_tell(w));
}

/* What handlers write to standard error, and the lines that a flood of refused
 * clients has left to be told, until the last client has left. */
static void
keep_house(void *argument)
{
	struct worker *w = argument;

	while (!w->is_draining || w->count > 0 || w->hatch.is_open) {
		loop_wait_nudged(&w->errors, w->has_errors ? EPOLLIN : 0,
		    keep_in_order(w));
		handler_stderr_drain();
		loop_exhaust(&w->errors, EPOLLIN);
	}
	if (w->has_errors)
		loop_unwatch(&w->errors);
	links_close(w);
}

static bool
open_house(struct worker *w)
{
	const int fd = handler_stderr_descriptor();

	w->errors.loop = w->loop;
	w->has_errors = fd >= 0 &&
	    loop_watch(w->loop, &w->errors, fd, LOOP_CLIENT) == 0;
	return loop_start(w->loop, keep_house, w) == 0;
}

static bool
open_doors(struct worker *w)
{
	size_t i;

	w->doors = calloc(w->facts.listener_count, sizeof(w->doors[0]));
	if (!w->doors)
		return false;
	for (i = 0; i < w->facts.listener_count; i++) {
		struct door *d = &w->doors[i];

		d->worker = w;
		d->listener = w->facts.listeners[i];
		if (loop_watch(w->loop, &d->watch, d->listener, LOOP_LISTENER) <
			0 ||
		    loop_start(w->loop, door_keep, d) < 0)
			return false;
		w->door_count++;
	}
	return true;
}

static bool
open_hatch(struct worker *w)
{
	w->hatch.watch.loop = w->loop;
	w->hatch.is_open = loop_watch(w->loop, &w->hatch.watch, w->facts.porter,
			       LOOP_CLIENT) == 0;
	return w->hatch.is_open && loop_start(w->loop, hatch_keep, w) == 0;
}

static bool
open_loop(struct worker *w)
{
	const struct loop_settings settings = {
		.stack_bytes = STACK_BYTES,
		.max_fibers = ledgers_rows(w->facts.ledgers) +
		    w->facts.listener_count + REJECT_MAX + HOUSE_FIBERS,
		.max_steps = MAX_STEPS,
		.max_octets = MAX_OCTETS,
		.interrupted = interrupted,
		.context = w,
		.turns = &w->facts.page->calls,
		.waits = &w->facts.page->is_waiting,
	};

	w->loop = loop_new(&settings);
	return w->loop;
}

static void
show_title(const struct worker *w)
{
	char title[32];

	snprintf(title, sizeof(title), "%sworker %zu",
	    w->facts.place == ROUTE_SHARED ? "shared " : "", w->facts.number);
	title_set(title);
}

static bool
open_worker(struct worker *w)
{
	crash_handler_choose(CRASH_HANDLER_HURRIES);
	standstill_open();
	log_channel_never_wait();
	handler_stderr_open();
	show_title(w);
	w->facts.page->pid = (uint64_t)getpid();
	if (w->facts.has_access_log)
		w->access.configuration = w->facts.configuration;
	return rows_init(w) == 0 && open_loop(w) && open_doors(w) &&
	    open_hatch(w) && open_house(w) && links_open(w) == 0 &&
	    sandbox_enter_workers(w->facts.sandbox, w->facts.place) == 0;
}

void
worker_run(const struct worker_facts *facts)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		_exit(CONNECTION_FAILED);
	w->facts = *facts;
	w->sequence = facts->first_sequence;
	w->room = worker_room(facts->accepting);
	w->trim_ms = INT64_MAX;
	if (!open_worker(w) || loop_run(w->loop) < 0) {
		log_error("worker %zu cannot serve: %s", facts->number,
		    strerror(errno));
		_exit(CONNECTION_FAILED);
	}
	handler_stderr_drain();
	log_debug("_exit(%d)", (int)CONNECTION_DONE);
	_exit(CONNECTION_DONE);
}
