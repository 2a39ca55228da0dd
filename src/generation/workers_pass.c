/*
 * Where a connection can go on that a worker has given away: in a worker, or in a
 * process of its own.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <string.h>

#include "base/ledgers.h"
#include "base/log.h"
#include "base/refused.h"
#include "generation/children.h"
#include "generation/guest.h"
#include "generation/porter.h"
#include "generation/processes_internal.h"
#include "generation/workers_internal.h"

static bool
takes(const struct workers *w, size_t place)
{
	const struct place *p = &w->places[place];

	return p->pid != 0 && !p->stillness.was_asked &&
	    ledgers_on_way(w->processes->facts.ledgers, place + 1) <
	    LEDGERS_ON_WAY;
}

size_t
workers_choose(const struct workers *w, enum route_place place)
{
	const struct ledgers *ledgers = w->processes->facts.ledgers;
	size_t i, chosen = w->count, fewest = SIZE_MAX, count;

	for (i = 0; i < w->count; i++) {
		if (workers_serve(w, i) != place || !takes(w, i))
			continue;
		count = ledgers_in(ledgers, i + 1);
		if (count < fewest) {
			fewest = count;
			chosen = i;
		}
	}
	return chosen;
}

static void
fill_guest(const struct given *given, struct guest *g)
{
	const struct ledger_parcel *parcel = &given->parcel;

	*g = (struct guest){ .peer = parcel->peer,
		.handed_off = given->number,
		.is_parcel = true,
		.presence = { .client = parcel->peer,
		    .server = parcel->server,
		    .inode = parcel->inode },
		.began_ms = parcel->began_ms,
		.arguments.in = -1,
		.arguments.out = -1,
		.arguments.key = parcel->key,
		.arguments.facts.client = parcel->peer };
}

bool
workers_give_process(struct workers *w, const struct given *given,
    const struct route *admitted)
{
	struct processes *p = w->processes;
	struct guest g;

	if (!children_have_slot(p->children))
		return false;
	fill_guest(given, &g);
	g.arguments.admitted = admitted;
	porter_adopt(p->facts.porter, g.handed_off);
	if (processes_start(p, &g))
		return true;
	if (ratelimit_allows(&w->not_served))
		log_error("cannot fork a process for a connection of a "
			  "worker: %s; trying again every %d ms%s",
		    strerror(errno), WORKERS_PARCEL_MS, refused_hint(errno));
	return false;
}

void
workers_note_passed(struct workers *w, size_t to, const struct given *given)
{
	struct place *p = &w->places[to];

	ledgers_note_passed(w->processes->facts.ledgers, to + 1);
	p->last[p->passed++ % LEDGERS_ON_WAY] = *given;
}
