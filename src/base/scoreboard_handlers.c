/*
 * Shows handlers what is counted of each handler: first of all of the
 * configuration, then of routes that are counted apart.
 *
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include <prong/handler.h>

#include "base/clock.h"
#include "base/scoreboard_layout.h"

/* What shows requests for which no handler was called. */
#define NAME_OF_NONE "(none)"

#define FRESH_MS     100

/* A text of a broken process may lack its NUL. */
static void
copy_text(char *to, size_t size, const char *from, size_t from_size)
{
	const size_t length = strnlen(from,
	    from_size < size ? from_size : size - 1);

	memset(to, 0, size);
	memcpy(to, from, length);
}

static void
add_counts(struct prong_handler_stats *stats, const struct tally_counts *c)
{
	size_t i;

	for (i = 0; i < 6; i++)
		stats->responses[i] += c->responses[i];
	for (i = 0; i < TALLY_BUCKETS; i++)
		stats->latency[i] += c->buckets[i];
	stats->latency_sum_us += c->sum_us;
	stats->limits += c->limits;
	stats->refusals += c->refusals;
	if (c->max_us > stats->latency_max_us)
		stats->latency_max_us = c->max_us;
}

static void
show_slow(struct prong_handler_stats *stats, const struct tally_exemplar *slow)
{
	if (slow->us < stats->slow_us)
		return;
	stats->slow_us = slow->us;
	stats->slow_time = slow->time;
	copy_text(stats->slow_id, sizeof(stats->slow_id), slow->id,
	    sizeof(slow->id));
}

static void
show_crash(struct prong_handler_stats *stats, const struct annals_crash *crash)
{
	if (crash->time <= stats->crash_time)
		return;
	stats->crash_time = crash->time;
	stats->crash_signal = crash->signal;
	stats->crash_pid = crash->pid;
	copy_text(stats->crash_client, sizeof(stats->crash_client),
	    crash->client, sizeof(crash->client));
	copy_text(stats->crash_request, sizeof(stats->crash_request),
	    crash->request, sizeof(crash->request));
	copy_text(stats->crash_id, sizeof(stats->crash_id), crash->id,
	    sizeof(crash->id));
}

static void
add_series(struct prong_handler_stats *stats, const struct scoreboard_living *l,
    size_t number)
{
	const struct annals_series *s =
	    &scoreboard_current->shown->series[number];

	add_counts(stats, &l->series[number]);
	show_slow(stats, &l->slow[number]);
	stats->crashes_total += s->crashes;
	show_crash(stats, &s->crash);
}

/* A response goes through the handlers several times, and its figures fit together if
 * they are of one time. A response that lasts gets new ones. */
static struct scoreboard_living *
read_once(struct header *h, bool is_first, int64_t response)
{
	static struct scoreboard_living living;
	static int64_t of_response, read_ms;
	const int64_t now_ms = clock_ms();

	if (!is_first ||
	    (response != 0 && response == of_response &&
		now_ms - read_ms < FRESH_MS))
		return scoreboard_read_at(0, h, sizeof(*h)) ? &living : NULL;
	of_response = response;
	read_ms = now_ms;
	return scoreboard_read_living(h, &living) ? &living : NULL;
}

/* Of all routes. */
static void
show_handler(struct prong_handler_stats *stats,
    const struct scoreboard_living *l, const char *name)
{
	const struct annals *annals = scoreboard_current->shown;
	size_t i;

	for (i = 0; annals && i < ANNALS_SERIES; i++)
		if (annals->series[i].is_used &&
		    strcmp(annals->series[i].handler, name) == 0)
			add_series(stats, l, i);
	copy_text(stats->name, sizeof(stats->name),
	    name[0] == '\0' ? NAME_OF_NONE : name, sizeof(stats->name));
}

static bool
has_requests(const struct tally_counts *c)
{
	size_t i;

	for (i = 0; i < 6; i++)
		if (c->responses[i] != 0)
			return true;
	return false;
}

/* Behind the handlers of the configuration a cursor counts series. */
static int
show_series(uint64_t *cursor, const struct scoreboard_living *l,
    struct prong_handler_stats *stats)
{
	const struct annals *annals = scoreboard_current->shown;
	const struct annals_series *s;
	size_t i;

	for (i = (size_t)*cursor - HANDLERS_MAX; annals && i < ANNALS_SERIES;
	     i++) {
		s = &annals->series[i];
		if (!s->is_used)
			continue;
		*cursor = HANDLERS_MAX + i + 1;
		if (s->route[0] != '\0') {
			add_series(stats, l, i);
			copy_text(stats->name, sizeof(stats->name), s->handler,
			    sizeof(s->handler));
			copy_text(stats->route, sizeof(stats->route), s->route,
			    sizeof(s->route));
			return 1;
		}
		if ((s->handler[0] == '\0' || i == ANNALS_OTHER) &&
		    has_requests(&l->series[i])) {
			show_handler(stats, l, s->handler);
			return 1;
		}
	}
	return 0;
}

int
scoreboard_handler_stats(uint64_t *cursor, struct prong_handler_stats *stats,
    int64_t response)
{
	static struct header h;
	const struct scoreboard_living *l;

	if (!scoreboard_current || !(l = read_once(&h, *cursor == 0, response)))
		return 0;
	*stats = (struct prong_handler_stats){ .crashes = 0 };
	if (*cursor < HANDLERS_MAX && h.handlers[*cursor].name[0] == '\0')
		*cursor = HANDLERS_MAX;
	if (*cursor >= HANDLERS_MAX)
		return show_series(cursor, l, stats);
	show_handler(stats, l, h.handlers[*cursor].name);
	stats->crashes = h.handlers[*cursor].crashes;
	++*cursor;
	return 1;
}
