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

static size_t
count_descriptors(const struct porter_kept *k)
{
	return k->rest && k->rest->memory >= 0 ? 2 : 1;
}

struct porter_kept *
porter_table_add(struct porter_table *t, uint64_t number, int socket,
    struct porter_rest *rest)
{
	struct porter_kept *k = calloc(1, sizeof(*k)), **place;

	if (!k)
		return NULL;
	*k = (struct porter_kept){
		.number = number, .socket = socket, .rest = rest
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

size_t
porter_table_take(struct porter_table *t, struct porter_kept *k, int *fds)
{
	const size_t count = count_descriptors(k);

	assert(!k->link);
	fds[0] = k->socket;
	if (count > 1)
		fds[1] = k->rest->memory;
	tdelete(k, &t->tree, compare);
	free(k->rest);
	free(k);
	return count;
}

void
porter_table_remove(struct porter_table *t, struct porter_kept *k,
    struct closer *closer)
{
	int fds[2];
	size_t count = porter_table_take(t, k, fds), i;

	for (i = 0; i < count; i++)
		closer_close(closer, fds[i]);
}
