/* SPDX-License-Identifier: ISC */
#include "master/reload.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"

/* A generation that does not answer within that time is left to itself. */
#define YIELD_MS 2000

/* For addresses to become free, at a start. */
#define START_PATIENCE_MS 1000

bool
reload_begin(struct reload *r, const struct command *command,
    struct control *control)
{
	r->again = false;
	control_move(control, CONTROL_NEXT_RELOAD, CONTROL_RELOAD);
	r->phase = RELOAD_READING;
	if (loader_start(&r->loader, command) == 0)
		return true;
	control_say(control, CONTROL_RELOAD, "error: %s", log_last_error());
	return false;
}

enum reload_event
reload_receive(struct reload *r, struct control *control)
{
	static char text[LOADER_MESSAGE_BYTES];
	enum loader_event event = loader_receive(&r->loader, text);

	if (event == LOADER_NOTHING && clock_ms() >= r->loader.deadline_ms) {
		snprintf(text, sizeof(text),
		    "error: reading the configuration takes too long");
		log_error("%s", text + strlen("error: "));
		event = LOADER_FAILED;
	}
	if (text[0])
		control_say(control, CONTROL_RELOAD, "%s", text);
	if (event == LOADER_COMPLETE)
		return RELOAD_HAS_READ;
	return event == LOADER_FAILED ? RELOAD_HAS_FAILED : RELOAD_CONTINUES;
}

/* From here on, at a start, what goes wrong is told in the log. */
static bool
open_error_log(struct generation_inputs *next, bool is_first,
    enum log_style style)
{
	if (!generation_inputs_open_error_log(next))
		return false;
	if (is_first) {
		generation_inputs_take_log(next, style);
		errorlog_starts(next->set->error_log);
	}
	return true;
}

bool
reload_open(struct reload *r, const struct generation_inputs *now,
    struct activation *passed, enum log_style style)
{
	/* A master that was killed leaves a generation that is about to notice.
	 * At a reload there is somebody to serve meanwhile. */
	const int64_t patience_ms = now->set ? 0 : START_PATIENCE_MS;
	struct generation_inputs *next = &r->next;

	next->set = r->loader.set;
	r->loader.set = NULL;
	loader_end(&r->loader);
	return open_error_log(next, !now->set, style) &&
	    generation_inputs_open_access_log(next) &&
	    listeners_open(&next->listeners, &now->listeners, next->set, passed,
		clock_ms() + patience_ms) == 0;
}

void
reload_start(struct reload *r, uint64_t generation)
{
	r->phase = RELOAD_STARTING;
	r->generation = generation;
}

bool
reload_is_starting(const struct reload *r, uint64_t generation)
{
	return r->phase == RELOAD_STARTING && r->generation == generation;
}

__attribute__((__format__(__printf__, 2, 3))) static void
add(struct reload *r, const char *format, ...)
{
	size_t length = strlen(r->changes);
	va_list ap;

	va_start(ap, format);
	vsnprintf(r->changes + length, sizeof(r->changes) - length, format, ap);
	va_end(ap);
}

/* Those of a that are not in b. */
static void
add_listeners(struct reload *r, const char *what, const struct listeners *a,
    const struct listeners *b)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (!listeners_have(b, a->all[i].fd)) {
			add(r, "%s %s", what, listeners_where(a, i));
			what = ",";
		}
}

void
reload_describe(struct reload *r, const struct generation_inputs *before,
    uint64_t generation_before)
{
	const size_t sites = r->next.set->sites;

	r->changes[0] = '\0';
	if (generation_before > 0)
		add(r, "; generation %llu drains",
		    (unsigned long long)generation_before);
	add_listeners(r, "; listening now at", &r->next.listeners,
	    &before->listeners);
	add_listeners(r, "; no longer at", &before->listeners,
	    &r->next.listeners);
	add(r, "; %zu site%s", sites, sites == 1 ? "" : "s");
	if (before->set && before->set->sites != sites)
		add(r, ", before %zu", before->set->sites);
}

struct generation_inputs
reload_yield(struct reload *r, uint64_t before)
{
	struct generation_inputs next = r->next;

	r->next = GENERATION_INPUTS_NONE;
	r->phase = RELOAD_YIELDING;
	r->before = before;
	r->yield_ms = clock_ms() + YIELD_MS;
	return next;
}

bool
reload_is_yielding(const struct reload *r, uint64_t before)
{
	return r->phase == RELOAD_YIELDING && r->before == before;
}

void
reload_drop(struct reload *r, const struct generation_inputs *now,
    const struct activation *passed)
{
	loader_end(&r->loader);
	generation_inputs_close(&r->next, now, passed);
}

void
reload_end(struct reload *r, struct control *control, int status, int64_t ended)
{
	r->phase = RELOAD_NONE;
	r->yield_ms = INT64_MAX;
	r->has_failed = status != 0;
	r->ended = ended;
	control_end(control, CONTROL_RELOAD, status);
}
