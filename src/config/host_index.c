/* SPDX-License-Identifier: ISC */
#include "config/host_index.h"

#include <string.h>

#include "base/arena.h"
#include "config/site.h"

/* Fowler, Noll and Vo's, with final mixing. Names are the administrator's: no
 * client can choose them to be alike. */
static uint32_t
hash_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash ^ hash >> 15;
}

static void
insert(struct host_index *x, uint32_t hash, uint32_t number)
{
	size_t at = hash & x->mask;

	while (x->places[at].number != 0)
		at = (at + 1) & x->mask;
	x->places[at] = (struct host_place){ hash, number };
}

int
host_index_make(struct host_index *x, struct arena *arena,
    const struct host *hosts, size_t count)
{
	size_t places = 2, i;

	while (places < 2 * count)
		places *= 2;
	x->places = arena_alloc(arena, places * sizeof(*x->places));
	if (!x->places)
		return -1;
	x->mask = places - 1;
	x->hosts = hosts;
	for (i = 0; i < count; i++)
		insert(x, hash_of(hosts[i].name), (uint32_t)i + 1);
	return 0;
}

const struct host *
host_index_find(const struct host_index *x, const char *name)
{
	const uint32_t hash = hash_of(name);
	size_t at = hash & x->mask;

	if (!x->places)
		return NULL;
	for (; x->places[at].number != 0; at = (at + 1) & x->mask) {
		const struct host *host = &x->hosts[x->places[at].number - 1];

		if (x->places[at].hash == hash && strcmp(host->name, name) == 0)
			return host;
	}
	return NULL;
}
