/* SPDX-License-Identifier: ISC */
#include "fiber/deadlines.h"

#include <stddef.h>

/* Joins two heaps; either may be NULL. The later root comes below the other. */
static struct deadline *
join(struct deadline *a, struct deadline *b)
{
	struct deadline *other;

	if (!a || !b)
		return a ? a : b;
	if (b->at_ms < a->at_ms) {
		other = a;
		a = b;
		b = other;
	}
	b->next = a->below;
	if (b->next)
		b->next->before = b;
	b->before = a;
	a->below = b;
	return a;
}

/* Takes the first of a list of heaps out of the list. */
static struct deadline *
take(struct deadline **list)
{
	struct deadline *first = *list;

	if (first) {
		*list = first->next;
		first->next = first->before = NULL;
	}
	return first;
}

/* Joins a list of heaps: first in pairs, then the pairs from the last one on. */
static struct deadline *
join_all(struct deadline *list)
{
	struct deadline *pairs = NULL, *heap = NULL, *pair;

	while (list) {
		struct deadline *a = take(&list), *b = take(&list);

		pair = join(a, b);
		pair->next = pairs;
		pairs = pair;
	}
	while ((pair = take(&pairs)))
		heap = join(heap, pair);
	return heap;
}

void
deadlines_add(struct deadlines *deadlines, struct deadline *deadline,
    int64_t at_ms)
{
	*deadline = (struct deadline){ .at_ms = at_ms };
	deadlines->first = join(deadlines->first, deadline);
}

/* Takes what has others above it out of its list. */
static void
cut(struct deadline *deadline)
{
	if (deadline->before->below == deadline)
		deadline->before->below = deadline->next;
	else
		deadline->before->next = deadline->next;
	if (deadline->next)
		deadline->next->before = deadline->before;
}

void
deadlines_remove(struct deadlines *deadlines, struct deadline *deadline)
{
	struct deadline *rest = join_all(deadline->below);

	if (deadlines->first == deadline) {
		deadlines->first = rest;
		return;
	}
	cut(deadline);
	deadlines->first = join(deadlines->first, rest);
}
