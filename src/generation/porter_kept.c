/* SPDX-License-Identifier: ISC */
#include "generation/porter_kept.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>

#include "generation/closer.h"

static int
compare(const void *a, const void *b)
{
	const struct porter_kept *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

struct porter_kept *
porter_table_find(const struct porter_table *t, uint64_t number)
{
	const struct porter_kept wanted = { .number = number };
	struct porter_kept **found = tfind(&wanted, &t->tree, compare);

	return found ? *found : NULL;
}

struct porter_kept *
porter_table_add(struct porter_table *t, uint64_t number, int socket,
    struct porter_rest *rest)
{
	struct porter_kept *k = calloc(1, sizeof(*k)), **place;

	if (!k)
		return NULL;
	*k = (struct porter_kept){
		.number = number, .socket = socket, .rest = rest, .ending = -1
	};
	place = tsearch(k, &t->tree, compare);
	if (place && *place == k)
		return k;
	free(k);
	return NULL;
}

void
porter_kept_strip(struct porter_kept *k, struct closer *closer)
{
	if (k->rest && k->rest->memory >= 0)
		closer_close(closer, k->rest->memory);
	free(k->rest);
	k->rest = NULL;
}

void
porter_kept_add_facts(struct porter_kept *k, const struct porter_facts *facts)
{
	k->rest = malloc(sizeof(*k->rest));
	if (k->rest)
		*k->rest = (struct porter_rest){ .facts = *facts,
			.memory = -1 };
}

void
porter_kept_empty(struct porter_kept *k, struct closer *closer)
{
	struct porter_rest *facts = realloc(k->rest, sizeof(*facts));

	if (facts)
		k->rest = facts;
	closer_close(closer, k->socket);
	k->socket = -1;
	if (k->rest->memory >= 0)
		closer_close(closer, k->rest->memory);
	k->rest->memory = -1;
	k->rest->length = 0;
}

size_t
porter_table_take(struct porter_table *t, struct porter_kept *k, int *fds)
{
	size_t count = 0;

	assert(!k->link);
	if (k->socket >= 0)
		fds[count++] = k->socket;
	if (k->rest && k->rest->memory >= 0)
		fds[count++] = k->rest->memory;
	if (k->ending >= 0)
		fds[count++] = k->ending;
	tdelete(k, &t->tree, compare);
	free(k->rest);
	free(k);
	return count;
}

void
porter_table_remove(struct porter_table *t, struct porter_kept *k,
    struct closer *closer)
{
	int fds[PORTER_KEPT_DESCRIPTORS];
	size_t count = porter_table_take(t, k, fds), i;

	for (i = 0; i < count; i++)
		closer_close(closer, fds[i]);
}
