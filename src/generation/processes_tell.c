/*
 * What a generation tells its processes: to end, or to close with their next response.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/processes_internal.h"

#include "base/nudge.h"
#include "base/scoreboard.h"
#include "generation/children.h"

void
processes_stop(struct processes *p)
{
	size_t max = children_slots(p->children), slot;
	const struct child *child;

	p->is_stopping = true;
	scoreboard_stop(p->facts.scoreboard);
	for (slot = 0; slot < max; slot++) {
		child = children_at(p->children, slot);
		if (!child)
			continue;
		scoreboard_tell_stop(p->facts.scoreboard, slot);
		nudge_send(child->pid);
	}
}

/* A worker does not look before it is told to. */
static void
tell_drain(struct processes *p, size_t slot)
{
	const struct child *child = children_at(p->children, slot);

	scoreboard_tell_drain(p->facts.scoreboard, slot);
	if (child->worker)
		nudge_send(child->pid);
}

void
processes_drain(struct processes *p)
{
	size_t max = children_slots(p->children), slot;

	scoreboard_drain(p->facts.scoreboard);
	for (slot = 0; slot < max; slot++)
		if (children_at(p->children, slot))
			tell_drain(p, slot);
}
