/*
 * The folders closest to the paths come first: at each depth, from the deepest,
 * neighbours in the sorted list that share so many segments become one folder.
 * Crowds are tried before couples, so that one crowded folder leaves the paths
 * elsewhere as they are.
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/outline.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/landlock.h"
#include "sandbox/permission.h"

#define CROWD  8
#define COUPLE 2

/* Kinds that are folded separately. */
#define KIND_BITS (LANDLOCK_MAY_WRITE | LANDLOCK_MAY_EXECUTE)

static int
compare(const void *a, const void *b)
{
	const struct permitted_path *one = a, *other = b;
	const unsigned kind = one->access & KIND_BITS;
	const unsigned other_kind = other->access & KIND_BITS;

	if (kind != other_kind)
		return kind < other_kind ? -1 : 1;
	return strcmp(one->path, other->path);
}

static size_t
depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += path[0] == '/' && path[1] != '/' && path[1] != '\0';
	return depth;
}

/* The length of the first so many segments. */
static size_t
length_of(const char *path, size_t depth)
{
	const char *at = path;

	for (; depth > 0; depth--)
		at += 1 + strcspn(at + 1, "/");
	return (size_t)(at - path);
}

static bool
share(const char *a, const char *b, size_t depth)
{
	size_t length;

	if (depth_of(a) < depth || depth_of(b) < depth)
		return false;
	length = length_of(a, depth);
	return length == length_of(b, depth) && strncmp(a, b, length) == 0;
}

/* The first of the run stands for all of it. */
static void
join(struct permitted_path *run, size_t count, size_t depth)
{
	size_t i;

	run->path[length_of(run->path, depth)] = '\0';
	for (i = 1; i < count; i++) {
		run->access |= run[i].access;
		free(run[i].path);
	}
}

/* Joins the runs of at least that many paths; returns how many are left. */
static size_t
fold(struct permitted_path *paths, size_t count, size_t depth, size_t least)
{
	size_t i, j, kept = 0;

	for (i = 0; i < count; i = j) {
		j = i + 1;
		while (j < count &&
		    share(paths[j - 1].path, paths[j].path, depth))
			j++;
		if (j - i >= least)
			join(&paths[i], j - i, depth);
		else
			j = i + 1;
		paths[kept++] = paths[i];
	}
	return kept;
}

static size_t
fold_kind(struct permitted_path *paths, size_t count, size_t max)
{
	static const size_t least[] = { CROWD, COUPLE };
	size_t i, depth, deepest = 0;

	for (i = 0; i < count; i++)
		if (depth_of(paths[i].path) > deepest)
			deepest = depth_of(paths[i].path);
	for (i = 0; i < 2; i++)
		for (depth = deepest; depth > 0 && count > max; depth--)
			count = fold(paths, count, depth, least[i]);
	return count;
}

/* A rule is for the folder to which a name leads. A path that leads nowhere has
 * no rule, so its name does not matter. */
static int
follow_links(struct permissions *p)
{
	size_t i;

	for (i = 0; i < p->path_count; i++) {
		char *real = realpath(p->paths[i].path, NULL);

		if (!real && errno == ENOMEM)
			return -1;
		if (!real)
			continue;
		free(p->paths[i].path);
		p->paths[i].path = real;
	}
	return 0;
}

int
outline_make(struct permissions *p, size_t max)
{
	size_t i, end, kept = 0, left;
	struct permitted_path *paths = p->paths;

	if (p->path_count <= max)
		return 0;
	if (follow_links(p) < 0)
		return -1;
	qsort(paths, p->path_count, sizeof(*paths), compare);
	for (i = 0; i < p->path_count; i = end) {
		const unsigned kind = paths[i].access & KIND_BITS;

		end = i;
		while (end < p->path_count &&
		    (paths[end].access & KIND_BITS) == kind)
			end++;
		left = fold_kind(&paths[i], end - i, max);
		memmove(&paths[kept], &paths[i], left * sizeof(*paths));
		kept += left;
	}
	p->path_count = kept;
	return 0;
}
