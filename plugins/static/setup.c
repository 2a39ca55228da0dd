/*
 * Setup of static, once in each generation: opens the root and the folders into
 * which links may lead, reads the media types, and makes the checks of options
 * that the server cannot make by their table.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "static/base.h"
#include "static/cache.h"
#include "static/config.h"
#include "static/setup.h"

#define DEFAULT_MIME_TYPES "/etc/mime.types"

/* So many folders are held open. Each descriptor makes every new connection
 * slower, so of more folders none is held, and a connection opens those that it
 * needs. The server does likewise with the rules of so many routes. */
#define MAX_HELD 128
static struct base *held[MAX_HELD];
static size_t held_count; /* above MAX_HELD: none is held */

static void
hold(struct base *base)
{
	size_t i;

	if (held_count < MAX_HELD) {
		held[held_count++] = base;
		return;
	}
	for (i = 0; i < MAX_HELD && held_count == MAX_HELD; i++)
		base_close(held[i]);
	held_count = MAX_HELD + 1;
	base_close(base);
}

/* The latest folders that were opened: routes that follow each other often have
 * one in common. */
#define LATEST 8
static struct base *latest[LATEST];
static size_t next_latest;

static struct base *
find_latest(const char *path)
{
	size_t i;

	for (i = 0; i < LATEST; i++)
		if (latest[i] && strcmp(latest[i]->named, path) == 0)
			return latest[i];
	return NULL;
}

/* NULL and errno. */
static struct base *
new_base(struct prong_opening *opening, const char *path)
{
	struct base *base = prong_open_alloc(opening, sizeof(*base));
	char found[PATH_MAX], *real;

	if (base && base_open(base, path, found) < 0)
		return NULL;
	real = base ? prong_open_alloc(opening, strlen(found) + 1) : NULL;
	if (!real) {
		errno = ENOMEM;
		return NULL;
	}
	base->real = strcpy(real, found);
	return beneath_try(base) == 0 ? base : NULL;
}

static struct base *
open_base(struct prong_opening *opening, const char *option, const char *path)
{
	struct base *base = find_latest(path);

	if (base)
		return base;
	base = new_base(opening, path);
	if (base) {
		hold(base);
		latest[next_latest++ % LATEST] = base;
		return base;
	}
	prong_open_error(opening, option, "cannot open the folder %s: %s", path,
	    strerror(errno));
	return NULL;
}

static int
open_bases(struct prong_opening *opening, struct static_config *config)
{
	struct beneath *beneath = &config->beneath;
	int result = 0;
	uint64_t i;
	char option[32];

	beneath->follow = config->symlinks != SYMLINKS_NEVER;
	beneath->bases = prong_open_alloc(opening,
	    (config->also.count + 1) * sizeof(*beneath->bases));
	if (!beneath->bases) {
		prong_open_error(opening, NULL, "out of memory");
		return -1;
	}
	beneath->bases[0] = open_base(opening, "root", config->root);
	if (!beneath->bases[0])
		result = -1;
	for (i = 0; i < config->also.count; i++) {
		snprintf(option, sizeof(option), "also.[%u]", (unsigned)i);
		beneath->bases[i + 1] = open_base(opening, option,
		    config->also.items[i]);
		if (!beneath->bases[i + 1])
			result = -1;
	}
	beneath->count = config->also.count + 1;
	if (!beneath->follow && config->also.count > 0)
		prong_open_log(opening, PRONG_LOG_WARNING,
		    "static: \"also\" "
		    "has no effect where symlinks = \"never\"");
	return result;
}

static int
check_types(struct prong_opening *opening, const struct static_config *config)
{
	const struct types_extra *extras = config->types.items;
	int result = 0;
	uint64_t i;
	char option[40];

	for (i = 0; i < config->types.count; i++) {
		if (strchr(extras[i].type, '/'))
			continue;
		snprintf(option, sizeof(option), "types.[%u].type",
		    (unsigned)i);
		prong_open_error(opening, option,
		    "\"%s\" is no media type: "
		    "one looks like \"text/plain\"",
		    extras[i].type);
		result = -1;
	}
	if (!strchr(config->default_type, '/')) {
		prong_open_error(opening, "default_type",
		    "\"%s\" is no media "
		    "type: one looks like \"text/plain\"",
		    config->default_type);
		result = -1;
	}
	return result;
}

static int
read_types(struct prong_opening *opening, struct static_config *config)
{
	struct types_sources sources = { .mime_types = config->mime_types,
		.extras = config->types.items,
		.extra_count = config->types.count,
		.fallback = config->default_type,
		.charset = config->charset };

	if (check_types(opening, config) < 0)
		return -1;
	if (types_fill(&config->table, &sources, opening) == 0)
		return 0;
	/* Only the default file may be absent. */
	if (errno == ENOENT &&
	    strcmp(config->mime_types, DEFAULT_MIME_TYPES) == 0) {
		sources.mime_types = NULL;
		if (types_fill(&config->table, &sources, opening) == 0)
			return 0;
	}
	prong_open_error(opening, "mime_types", "cannot read %s: %s",
	    config->mime_types,
	    errno == EINVAL ? "it is no regular file" : strerror(errno));
	return -1;
}

static int
check_index(struct prong_opening *opening, const struct static_config *config)
{
	int result = 0;
	uint64_t i;
	char option[32];

	for (i = 0; i < config->index.count; i++) {
		if (config->index.items[i][0] != '\0' &&
		    !strchr(config->index.items[i], '/'))
			continue;
		snprintf(option, sizeof(option), "index.[%u]", (unsigned)i);
		prong_open_error(opening, option,
		    "\"%s\" is no name of a file "
		    "in a folder",
		    config->index.items[i]);
		result = -1;
	}
	return result;
}

/* Whether it is a path of a file below the root, as a request would name it. */
static bool
is_file_path(const char *path)
{
	const char *at = path;
	size_t length;

	if (*at != '/')
		return false;
	while (*at == '/') {
		length = strcspn(++at, "/");
		if (length == 0 || (length == 1 && at[0] == '.') ||
		    (length == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += length;
	}
	return true;
}

static int
check_fallback(struct prong_opening *opening,
    const struct static_config *config)
{
	const char *path = config->fallback;

	if (!path)
		return 0;
	if (!is_file_path(path)) {
		prong_open_error(opening, "fallback",
		    "\"%s\" is no path of a file below the root: one looks "
		    "like \"/index.html\"",
		    path);
		return -1;
	}
	if (!config->decline)
		return 0;
	prong_open_error(opening, "fallback",
	    "found it together with decline = true; possible: one of both");
	return -1;
}

static int
check_cache_control(struct prong_opening *opening,
    const struct static_config *config)
{
	if (!config->cache_control ||
	    extra_fields_is_value(config->cache_control))
		return 0;
	prong_open_error(opening, "cache_control",
	    "a field's value has no "
	    "control characters");
	return -1;
}

/* All handlers share one cache, and the largest of their bounds counts:
 * thousands of sites must not have thousands of caches. */
static int
share_cache(struct prong_opening *opening, struct static_config *config)
{
	static struct cache *shared;

	if (config->cache == 0)
		return 0;
	if (!shared)
		shared = prong_open_alloc(opening, sizeof(*shared));
	if (!shared) {
		prong_open_error(opening, NULL, "out of memory");
		return -1;
	}
	if (shared->max_octets < (uint64_t)config->cache)
		shared->max_octets = (size_t)config->cache;
	config->kept = shared;
	return 0;
}

int
setup(struct prong_opening *opening, void *data)
{
	static const char *const index_names[] = { "index.html" };
	struct static_config *config = data;
	int result = 0;

	if (!config->index.items) {
		config->index.items = index_names;
		config->index.count = 1;
	}
	/* All steps run, so that every error is reported at once. */
	result |= open_bases(opening, config);
	result |= read_types(opening, config);
	result |= check_index(opening, config);
	result |= check_fallback(opening, config);
	result |= check_cache_control(opening, config);
	result |= share_cache(opening, config);
	result |= extra_fields_parse(&config->extra_fields, opening, "fields",
	    &config->fields);
	return result;
}
