/*
 * Connections of workers that end for others. The worker is told by the row of the
 * connection, and nudged. What the rows say of their clients may be false where a
 * worker is broken, and then it harms connections of that worker alone.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/crowd_internal.h"

#include <stdio.h>

#include "base/ledgers.h"
#include "base/nudge.h"
#include "base/scoreboard.h"
#include "generation/children.h"

/* A worker that does not follow for so long is not waited for. */
#define PATIENCE_MS 5000

static bool
is_candidate(const struct ledger_row *row, struct address_key client)
{
	const bool is_told = row->order != LEDGER_GO_ON &&
	    row->order_serial == row->serial;

	return row->is_counted && !is_told &&
	    address_key_equal(row->client_key, client);
}

static struct crowd_rank
rank_row(const struct ledger_row *row, int64_t now_ms)
{
	const struct crowd_signs signs = { .state = row->state,
		.octets = row->received + row->sent,
		.turn_ms = row->turn_ms,
		.began_ms = row->since_ms < now_ms ? row->since_ms : now_ms };

	return crowd_rank_of(&signs, now_ms);
}

static void
look_at(const struct crowd *c, size_t number, struct address_key client,
    bool idle_alone, int64_t now_ms, struct crowd_row *best)
{
	const size_t rows = ledgers_used_rows(c->ledgers, number);
	struct ledger_row row;
	size_t i;

	for (i = 0; i < rows; i++) {
		struct crowd_rank rank;

		if (!ledgers_read_row(c->ledgers, number, i, &row) ||
		    !is_candidate(&row, client))
			continue;
		rank = rank_row(&row, now_ms);
		if ((idle_alone && rank.kind > 0) ||
		    (best->number > 0 && !crowd_is_before(rank, best->rank)))
			continue;
		*best = (struct crowd_row){ number, i, rank };
	}
}

struct crowd_row
crowd_find_row(const struct crowd *c, struct address_key client,
    bool idle_alone, int64_t now_ms)
{
	struct crowd_row best = { 0 };
	size_t i;

	for (i = 1; c->ledgers && i <= ledgers_workers(c->ledgers); i++)
		look_at(c, i, client, idle_alone, now_ms, &best);
	return best;
}

/* The client without its port, "[" and "]". */
const char *
crowd_row_host(const struct crowd *c, const struct crowd_row *victim,
    char host[ADDRESS_TEXT_BYTES])
{
	struct ledger_row row;
	char *end;

	ledgers_read_row(c->ledgers, victim->number, victim->row, &row);
	snprintf(host, ADDRESS_TEXT_BYTES, "%.*s", (int)sizeof(row.client),
	    row.client + (row.client[0] == '['));
	end = strchr(host, row.client[0] == '[' ? ']' : ':');
	if (end && strncmp(host, "unix", 4) != 0)
		*end = '\0';
	return host;
}

static void
order(const struct crowd *c, const struct crowd_told *told,
    enum ledger_order wanted)
{
	const struct child *worker = children_at(c->children, told->number - 1);

	ledgers_order(c->ledgers, told->number, told->row, told->serial,
	    wanted);
	if (worker)
		nudge_send(worker->pid);
}

bool
crowd_end_row(struct crowd *c, const struct crowd_row *victim, bool at_once,
    int64_t now_ms)
{
	struct ledger_row row;

	if (c->told_count == CROWD_TOLD_MAX ||
	    !ledgers_read_row(c->ledgers, victim->number, victim->row, &row))
		return false;
	c->told[c->told_count] = (struct crowd_told){
		.number = victim->number,
		.row = victim->row,
		.serial = row.serial,
		.requests = row.requests,
		.told_ms = now_ms,
		.is_final = at_once,
	};
	order(c, &c->told[c->told_count++],
	    at_once ? LEDGER_END : LEDGER_END_IF_IDLE);
	c->ending++;
	return true;
}

/* Whether it is to be looked at again. */
static bool
look_again(const struct crowd *c, struct crowd_told *told, int64_t now_ms)
{
	struct ledger_row row;

	if (!ledgers_read_row(c->ledgers, told->number, told->row, &row) ||
	    row.serial != told->serial || now_ms - told->told_ms >= PATIENCE_MS)
		return false;
	/* A request came: it is no longer idle, and ends after the response. */
	if (!told->is_final && row.requests != told->requests)
		return false;
	if (!told->is_final && now_ms - told->told_ms >= FOLLOW_MS) {
		told->is_final = true;
		order(c, told, LEDGER_END);
	}
	return true;
}

void
crowd_sweep_rows(struct crowd *c, int64_t now_ms)
{
	size_t i, kept = 0;

	for (i = 0; i < c->told_count; i++) {
		if (look_again(c, &c->told[i], now_ms))
			c->told[kept++] = c->told[i];
		else
			c->ending--;
	}
	c->told_count = kept;
}
