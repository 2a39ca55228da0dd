/*
 * Which connections end for others, and how. See crowd.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/crowd_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "generation/children.h"

/* How long heavy clients are kept out of the last places after that. */
#define CONTESTED_MS 5000

static struct crowd_rank
rank_child(const struct crowd *c, const struct child *child, size_t slot,
    int64_t now_ms)
{
	const struct scoreboard_signs signs = scoreboard_signs(c->scoreboard,
	    slot);
	const struct crowd_signs s = { .state = signs.state,
		.octets = signs.octets,
		.turn_ms = scoreboard_turn_ms(c->scoreboard, slot),
		.began_ms = child->began_ms };

	return crowd_rank_of(&s, now_ms);
}

/* The connection of that client that is the first to end; NULL: none. */
static struct child *
find_victim(const struct crowd *c, struct address_key client, bool idle_alone,
    size_t *slot, struct crowd_rank *best)
{
	size_t i, max = children_slots(c->children);
	struct child *victim = NULL;
	int64_t now_ms = clock_ms();

	*best = (struct crowd_rank){ 0, 0 };
	for (i = 0; i < max; i++) {
		struct child *child = children_at(c->children, i);
		struct crowd_rank rank;

		if (!child || !child->counted || child->killed ||
		    !address_key_equal(child->client_key, client))
			continue;
		rank = rank_child(c, child, i, now_ms);
		if ((idle_alone && rank.kind > 0) ||
		    (victim && !crowd_is_before(rank, *best)))
			continue;
		victim = child;
		*best = rank;
		*slot = i;
	}
	return victim;
}

static void
tell(struct crowd *c, struct child *child, size_t slot)
{
	child->told_requests = scoreboard_signs(c->scoreboard, slot).requests;
	scoreboard_tell_end(c->scoreboard, slot);
	nudge_send(child->pid);
}

static void
notice(struct crowd *c, const char *client, size_t count, int kind)
{
	static const char *const kinds[] = { "longest idle connection",
		"slowest head", "slowest request", "slowest reader",
		"oldest connection" };

	c->ended++;
	if (ratelimit_allows(&c->notice))
		log_warning("of %s, which has %zu connections, the %s ends for "
			    "a client that has fewer; %zu connections have "
			    "ended so",
		    client, count, kinds[kind], c->ended);
}

static bool
is_stubborn(const struct crowd *c, struct address_key client, int64_t now_ms)
{
	return now_ms < c->stubborn_until_ms &&
	    address_key_equal(client, c->stubborn);
}

static void
end_child(struct crowd *c, struct child *child, size_t slot,
    struct crowd_rank rank, int64_t now_ms)
{
	char client[ADDRESS_TEXT_BYTES];

	notice(c, address_format_host(&child->client, client),
	    crowd_of_client(c, child->client_key), rank.kind);
	crowd_discount(c, child->client_key);
	child->counted = false;
	child->told_ms = now_ms;
	c->ending++;
	if (rank.kind > 0 || child->was_told ||
	    is_stubborn(c, child->client_key, now_ms))
		children_end(c->children, child);
	else
		tell(c, child, slot);
}

static bool
end_row(struct crowd *c, struct address_key client,
    const struct crowd_row *victim, int64_t now_ms)
{
	char host[ADDRESS_TEXT_BYTES];

	if (!crowd_end_row(c, victim,
		victim->rank.kind > 0 || is_stubborn(c, client, now_ms),
		now_ms))
		return false;
	notice(c, crowd_row_host(c, victim, host), crowd_of_client(c, client),
	    victim->rank.kind);
	return true;
}

bool
crowd_end_one(struct crowd *c, struct address_key client, size_t weight)
{
	const bool idle_alone = !crowd_is_heavy(c, weight);
	const int64_t now_ms = clock_ms();
	struct crowd_rank rank;
	size_t slot = 0;
	struct child *child = find_victim(c, client, idle_alone, &slot, &rank);
	struct crowd_row row = crowd_find_row(c, client, idle_alone, now_ms);

	if (row.number > 0 && (!child || crowd_is_before(row.rank, rank))) {
		if (!end_row(c, client, &row, now_ms))
			return false;
	} else if (child) {
		end_child(c, child, slot, rank, now_ms);
	} else {
		return false;
	}
	c->contested_until_ms = now_ms + CONTESTED_MS;
	c->next_ms = clock_earlier(c->next_ms, now_ms + SWEEP_MS);
	return true;
}

/* A request came when the connection was told to end: it is no longer idle, and
 * ends after the response. */
static void
take_back(struct crowd *c, struct child *child)
{
	child->told_ms = 0;
	child->was_told = true;
	c->ending--;
	crowd_enter(c, child);
}

/* A head that has begun meanwhile, and does not end, is no fault of the
 * process. */
static void
kill_stubborn(struct crowd *c, struct child *child, uint32_t state,
    int64_t now_ms)
{
	char client[ADDRESS_TEXT_BYTES];

	children_end(c->children, child);
	if (state == SCOREBOARD_READING)
		return;
	if (ratelimit_allows(&c->stubborn_notice))
		log_error("connection process %ld of %s was told to end and "
			  "did not within %d ms: killed",
		    (long)child->pid, address_format(&child->client, client),
		    FOLLOW_MS);
	c->stubborn = child->client_key;
	c->stubborn_until_ms = now_ms + STUBBORN_MS;
}

int64_t
crowd_sweep(struct crowd *c)
{
	size_t i, max = children_slots(c->children);
	int64_t now_ms = clock_ms();

	if (c->ending == 0)
		return INT64_MAX;
	if (now_ms < c->next_ms)
		return c->next_ms;
	for (i = 0; i < max; i++) {
		struct child *child = children_at(c->children, i);

		if (!child || child->told_ms == 0 || child->killed)
			continue;
		if (scoreboard_signs(c->scoreboard, i).requests !=
		    child->told_requests)
			take_back(c, child);
		else if (now_ms - child->told_ms >= FOLLOW_MS)
			kill_stubborn(c, child,
			    scoreboard_state(c->scoreboard, i), now_ms);
	}
	crowd_sweep_rows(c, now_ms);
	c->next_ms = now_ms + SWEEP_MS;
	return c->next_ms;
}
