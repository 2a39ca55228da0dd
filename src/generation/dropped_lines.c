/* SPDX-License-Identifier: ISC */
#include "generation/dropped_lines.h"

#include "accesslog/logline.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "generation/children.h"

/* How often living connections are asked, and how often it is said at most. */
#define LOOK_MS 5000
#define SAID_MS 60000

/* Those that are forked from here on need not find out for themselves. */
void
dropped_lines_note(struct dropped_lines *d, size_t slot)
{
	int error;

	if (scoreboard_dropped_by(d->scoreboard, slot, &error) == 0)
		return;
	logline_pause();
	if (clock_ms() >= d->next_said_ms)
		d->next_look_ms = 0;
}

static uint64_t
count(const struct dropped_lines *d, int *error)
{
	uint64_t total = scoreboard_dropped(d->scoreboard, error);
	size_t slot;

	for (slot = 0; slot < d->slots; slot++)
		if (children_at(d->children, slot))
			total += scoreboard_dropped_by(d->scoreboard, slot,
			    error);
	return total;
}

static void
say(struct dropped_lines *d, uint64_t total, int error)
{
	uint64_t more = total - d->said;

	if (total > d->said)
		log_warning("%llu line%s of the access log %s dropped: %s",
		    (unsigned long long)more, more == 1 ? "" : "s",
		    more == 1 ? "was" : "were", logline_reason(error));
	/* Less, too: numbers of connections are not to be trusted. */
	d->said = total;
}

int64_t
dropped_lines_look(struct dropped_lines *d)
{
	int64_t now_ms = clock_ms();
	int error = 0;
	uint64_t total;

	if (children_count(d->children) == 0 &&
	    scoreboard_dropped(d->scoreboard, &error) == d->said)
		return INT64_MAX;
	if (now_ms < d->next_look_ms)
		return d->next_look_ms;
	total = count(d, &error);
	if (total != d->total)
		logline_pause();
	d->total = total;
	if (total != d->said && now_ms >= d->next_said_ms) {
		say(d, total, error);
		d->next_said_ms = now_ms + SAID_MS;
	}
	d->next_look_ms = now_ms + LOOK_MS;
	return d->next_look_ms;
}

void
dropped_lines_say_last(struct dropped_lines *d)
{
	int error = 0;
	uint64_t total = count(d, &error);

	say(d, total, error);
}
