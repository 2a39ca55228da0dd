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
#include <stdio.h>
#include <string.h>

#include "static/config.h"
#include "static/setup.h"

#define DEFAULT_MIME_TYPES "/etc/mime.types"

static int
open_base(struct prong_opening *opening, struct beneath_base *base,
    const char *option, const char *path)
{
	char *real = prong_open_alloc(opening, PATH_MAX);

	if (real && beneath_base_open(base, path, real) == 0)
		return 0;
	if (!real)
		errno = ENOMEM;
	if (errno == ENOSYS)
		prong_open_error(opening, option,
		    "the kernel has no "
		    "openat2(2), which static needs: Linux 5.6 is the first");
	else
		prong_open_error(opening, option,
		    "cannot open the folder %s: "
		    "%s",
		    path, strerror(errno));
	return -1;
}

static int
open_bases(struct prong_opening *opening, struct static_config *config)
{
	struct beneath *beneath = &config->beneath;
	int result;
	uint64_t i;
	char option[32];

	beneath->follow = config->symlinks != SYMLINKS_NEVER;
	beneath->bases = prong_open_alloc(opening,
	    (config->also.count + 1) * sizeof(*beneath->bases));
	if (!beneath->bases) {
		prong_open_error(opening, NULL, "out of memory");
		return -1;
	}
	result = open_base(opening, &beneath->bases[0], "root", config->root);
	for (i = 0; i < config->also.count; i++) {
		snprintf(option, sizeof(option), "also.[%u]", (unsigned)i);
		if (open_base(opening, &beneath->bases[i + 1], option,
			config->also.items[i]) < 0)
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
	    config->mime_types, strerror(errno));
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
	result |= check_cache_control(opening, config);
	result |= extra_fields_parse(&config->extra_fields, opening, "fields",
	    &config->fields);
	return result;
}
