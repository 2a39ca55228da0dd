/* SPDX-License-Identifier: ISC */
#include "generation/dropped_lines.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/logline.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "generation/children.h"

/* The interval at which pages of living connections are read, and the shortest
 * one between two lines of the log. */
#define LOOK_MS 5000
#define LOG_MS	60000

void
dropped_lines_note(struct dropped_lines *lines, size_t slot)
{
	int error;

	if (scoreboard_dropped_by(lines->scoreboard, slot, &error) == 0)
		return;
	dropped_lines_hurry(lines);
}

void
dropped_lines_hurry(struct dropped_lines *lines)
{
	if (clock_ms() >= lines->next_log_ms)
		lines->next_look_ms = 0;
}

/* Of ended connections, and by the log process. */
static uint64_t
count_ended(const struct dropped_lines *lines, int *error)
{
	struct rings_dropped dropped = rings_dropped();

	if (dropped.access_lines > 0)
		*error = (int)dropped.access_error;
	return dropped.access_lines +
	    scoreboard_dropped(lines->scoreboard, error);
}

static uint64_t
count(const struct dropped_lines *lines, int *error)
{
	uint64_t total = count_ended(lines, error);
	size_t slot;

	for (slot = 0; slot < lines->slots; slot++)
		if (children_at(lines->children, slot))
			total += scoreboard_dropped_by(lines->scoreboard, slot,
			    error);
	return total;
}

static void
log_more(struct dropped_lines *lines, uint64_t total, int error)
{
	uint64_t more = total - lines->logged;

	if (total > lines->logged)
		log_warning("%llu line%s of the access log %s dropped: %s",
		    (unsigned long long)more, more == 1 ? "" : "s",
		    more == 1 ? "was" : "were", logline_reason(error));
	/* Also when the total is smaller: connections write their own numbers,
	 * which are not to be trusted. */
	lines->logged = total;
}

int64_t
dropped_lines_look(struct dropped_lines *lines)
{
	int64_t now_ms = clock_ms();
	int error = 0;
	uint64_t total;

	if (children_count(lines->children) +
		    children_workers(lines->children) ==
		0 &&
	    count_ended(lines, &error) == lines->logged)
		return INT64_MAX;
	if (now_ms < lines->next_look_ms)
		return lines->next_look_ms;
	total = count(lines, &error);
	if (total != lines->logged && now_ms >= lines->next_log_ms) {
		log_more(lines, total, error);
		lines->next_log_ms = now_ms + LOG_MS;
	}
	lines->next_look_ms = now_ms + LOOK_MS;
	return lines->next_look_ms;
}

void
dropped_lines_log_last(struct dropped_lines *lines)
{
	int error = 0;
	uint64_t total = count(lines, &error);

	log_more(lines, total, error);
}
