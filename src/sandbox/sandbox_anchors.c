/*
 * Rulesets that a connection makes itself, once its route is known: a generation
 * that held one for each of thousands of routes would copy and close thousands of
 * descriptors for each connection.
 *
 * Anchors (anchor.h) are for the paths of the system, and for those that a handler
 * names which holds descriptors: a rule for another folder would not let it use
 * them. All others are opened by the path, without links, that led to them at the
 * start, so that a link to another release changes nothing before the generation
 * is replaced.
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/sandbox_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "sandbox/anchor.h"
#include "sandbox/ruleset.h"

/* Paths that handlers name which hold descriptors. */
struct held {
	char **paths;
	size_t count;
};

/* Takes the paths over. */
static bool
take_paths(struct held *held, struct permissions *p)
{
	char **grown = reallocarray(held->paths,
	    held->count + p->path_count + 1, sizeof(*grown));
	size_t i;

	if (!grown)
		return false;
	held->paths = grown;
	for (i = 0; i < p->path_count; i++) {
		grown[held->count++] = p->paths[i].path;
		p->paths[i].path = NULL;
	}
	return true;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* It may have closed what it had left open once. */
static bool
holds(const struct handler *handler)
{
	struct stat st;

	return handler->held > 0 && fstat(handler->held, &st) == 0 &&
	    st.st_dev == handler->held_dev && st.st_ino == handler->held_ino;
}

static bool
gather_held(struct held *held, struct configuration *c)
{
	const struct handler *handler;
	size_t cursor = 0;
	bool ok = true;

	while (ok && (handler = configuration_next_handler(c, &cursor))) {
		struct permissions p = { 0 };

		ok = !holds(handler) ||
		    (permissions_add_handler(&p, handler) == 0 &&
			take_paths(held, &p));
		permissions_free(&p);
	}
	if (held->count > 0)
		qsort(held->paths, held->count, sizeof(*held->paths), compare);
	return ok;
}

static bool
is_held(const struct held *held, const char *path)
{
	return held->count > 0 &&
	    bsearch(&path, held->paths, held->count, sizeof(*held->paths),
		compare);
}

static bool
settle_path(const struct held *held, struct permitted_path *path)
{
	char *real = realpath(path->path, NULL);

	if (!real && !ruleset_tell_missing(path))
		return false;
	if (real && strcmp(real, path->path) == 0) {
		free(real);
		real = NULL;
	}
	path->real = real;
	if (is_held(held, path->path))
		path->anchor = anchor_open(path->path);
	return path->anchor >= 0;
}

static bool
settle_paths(struct sandbox *s, const struct held *held)
{
	size_t i, j;

	for (i = 0; i < s->count; i++)
		for (j = 0; j < s->rules[i].permissions.path_count; j++)
			if (!settle_path(held,
				&s->rules[i].permissions.paths[j]))
				return false;
	return true;
}

bool
sandbox_make_anchors(struct sandbox *s, struct configuration *c, uint64_t needs)
{
	struct held held = { NULL, 0 };
	size_t i;
	bool ok;

	if (!s->makes_rulesets)
		return true;
	ok = gather_held(&held, c) &&
	    ruleset_anchor(needs, s->core_folder) == 0 &&
	    settle_paths(s, &held);
	for (i = 0; i < held.count; i++)
		free(held.paths[i]);
	free(held.paths);
	return ok;
}
