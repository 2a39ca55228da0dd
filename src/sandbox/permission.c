/* SPDX-License-Identifier: ISC */
#include "sandbox/permission.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <prong/handler.h>

#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "config/site.h"
#include "sandbox/landlock.h"

struct gatherer {
	struct permissions *permissions;
	const struct handler *handler;
	unsigned access; /* to each path, beside what its option says */
};

/* Takes over new->path. The paths are in order once settle was called. */
static int
add_path(struct permissions *p, const struct permitted_path *new)
{
	struct permitted_path *grown = reallocarray(p->paths, p->path_count + 1,
	    sizeof(*grown));

	if (!grown) {
		free(new->path);
		return -1;
	}
	p->paths = grown;
	grown[p->path_count] = *new;
	grown[p->path_count].order = p->path_count;
	p->path_count++;
	return 0;
}

static int
compare_paths(const void *a, const void *b)
{
	const struct permitted_path *one = a, *other = b;
	const int order = strcmp(one->path, other->path);

	if (order != 0)
		return order;
	return (one->order > other->order) - (one->order < other->order);
}

/* Of equal paths the first that was added stays. */
static void
settle(struct permissions *p)
{
	size_t i, kept = 0;

	if (p->path_count > 0)
		qsort(p->paths, p->path_count, sizeof(*p->paths),
		    compare_paths);
	for (i = 0; i < p->path_count; i++) {
		struct permitted_path *path = &p->paths[i];

		if (kept > 0 &&
		    strcmp(p->paths[kept - 1].path, path->path) == 0) {
			p->paths[kept - 1].access |= path->access;
			free(path->path);
			continue;
		}
		p->paths[kept] = *path;
		p->paths[kept].order = kept;
		kept++;
	}
	p->path_count = kept;
}

/*
 * The kernel's rules belong to inodes. A file that is replaced by a rename has
 * a new inode, so a file gets a rule for its folder.
 */
static char *
rule_path(const char *path, uint32_t flags)
{
	const char *slash = strrchr(path, '/');

	if ((flags & PRONG_FOLDER) || !slash)
		return strdup(path);
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static unsigned
access_of(uint32_t flags)
{
	unsigned access = 0;

	if (flags & PRONG_READ)
		access |= LANDLOCK_MAY_READ;
	if ((flags & PRONG_READ) && (flags & PRONG_FOLDER))
		access |= LANDLOCK_MAY_LIST;
	if (flags & PRONG_WRITE)
		access |= LANDLOCK_MAY_WRITE;
	if (flags & PRONG_EXECUTE)
		access |= LANDLOCK_MAY_EXECUTE;
	return access;
}

static int
gather_path(struct gatherer *g, const struct prong_option *o, const char *path)
{
	struct permitted_path new = {
		.access = access_of(o->flags) | g->access,
		.handler = g->handler,
		.option = o->name,
		.file = (o->flags & PRONG_FOLDER) ? NULL : path,
	};

	if (!path || !new.access)
		return 0;
	new.path = rule_path(path, o->flags);
	return new.path ? add_path(g->permissions, &new) : -1;
}

static int
gather_port(struct gatherer *g, int64_t port)
{
	struct permissions *p = g->permissions;
	uint16_t *grown;
	size_t i = 0;

	if (port < 1 || port > UINT16_MAX)
		return 0;
	while (i < p->port_count && p->ports[i] < port)
		i++;
	if (i < p->port_count && p->ports[i] == port)
		return 0;
	grown = realloc(p->ports, (p->port_count + 1) * sizeof(*grown));
	if (!grown)
		return -1;
	p->ports = grown;
	memmove(&grown[i + 1], &grown[i], (p->port_count - i) * sizeof(*grown));
	grown[i] = (uint16_t)port;
	p->port_count++;
	return 0;
}

static int gather_options(struct gatherer *g,
    const struct prong_option *options, const char *config);

static int
gather_option(struct gatherer *g, const struct prong_option *o,
    const char *config)
{
	const void *member = config + o->offset;
	const struct prong_strings *strings = member;
	const struct prong_groups *groups = member;
	uint64_t i;
	int result = 0;

	switch (o->type) {
	case PRONG_TYPE_PATH:
		return gather_path(g, o, *(const char *const *)member);
	case PRONG_TYPE_PATHS:
		for (i = 0; i < strings->count && result == 0; i++)
			result = gather_path(g, o, strings->items[i]);
		return result;
	case PRONG_TYPE_INT:
		if (o->flags & PRONG_CONNECT)
			return gather_port(g, *(const int64_t *)member);
		return 0;
	case PRONG_TYPE_GROUP:
		return gather_options(g, o->members, member);
	case PRONG_TYPE_GROUPS:
		for (i = 0; i < groups->count && result == 0; i++)
			result = gather_options(g, o->members,
			    (const char *)groups->items + i * o->group_size);
		return result;
	default:
		return 0;
	}
}

static int
gather_options(struct gatherer *g, const struct prong_option *options,
    const char *config)
{
	size_t stride = (size_t)g->handler->plugin->option_size;
	const struct prong_option *o;
	int result = 0;

	for (o = options; o && o->name && result == 0;
	     o = (const void *)((const char *)o + stride))
		result = gather_option(g, o, config);
	return result;
}

static int
add_handler(struct permissions *p, const struct handler *h, unsigned access)
{
	struct gatherer g = { p, h, access };

	p->needs |= h->plugin->needs;
	if (gather_options(&g, h->plugin->options, h->config) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

static int
add_route(struct permissions *p, const struct route *route, unsigned access)
{
	size_t i;

	for (i = 0; i < route->handler_count; i++)
		if (add_handler(p, &route->handlers[i], access) < 0)
			return -1;
	return 0;
}

int
permissions_add_handler(struct permissions *p, const struct handler *h)
{
	int result = add_handler(p, h, 0);

	settle(p);
	return result;
}

int
permissions_add(struct permissions *p, const struct route *route)
{
	int result = add_route(p, route, 0);

	settle(p);
	return result;
}

int
permissions_add_all(struct permissions *p, const struct configuration *c,
    bool opens_fresh)
{
	const unsigned opening = LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST;
	int result = 0;
	size_t i, j;

	for (i = 0; i < c->site_count; i++)
		for (j = 0; j < c->sites[i].route_count && result == 0; j++) {
			const struct route *route = &c->sites[i].routes[j];

			result = add_route(p, route,
			    opens_fresh && route->is_fresh ? opening : 0);
		}
	settle(p);
	return result;
}

bool
permission_is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (strcmp(folder, "/") == 0)
		return *path == '/';
	return strncmp(path, folder, length) == 0 &&
	    (path[length] == '/' || path[length] == '\0');
}

static const char *
flags_of(unsigned access)
{
	bool writes = access & LANDLOCK_MAY_WRITE;

	if (access & LANDLOCK_MAY_EXECUTE)
		return "PRONG_EXECUTE";
	if (access & LANDLOCK_MAY_LIST)
		return "PRONG_READ | PRONG_FOLDER";
	if (access & LANDLOCK_MAY_READ)
		return writes ? "PRONG_READ | PRONG_WRITE" : "PRONG_READ";
	return "PRONG_WRITE";
}

/* The option that names the innermost folder around path. */
static const struct permitted_path *
innermost(const struct permissions *p, const char *path)
{
	const struct permitted_path *found = NULL;
	size_t i;

	/* The paths are sorted: a longer match comes later. */
	for (i = 0; i < p->path_count; i++)
		if (permission_is_below(path, p->paths[i].path))
			found = &p->paths[i];
	return found;
}

const char *
permissions_explain(const struct handler *handler, const char *path,
    unsigned access, char *out, size_t size)
{
	struct permissions p = { 0 };
	const struct permitted_path *named = NULL;

	if (permissions_add_handler(&p, handler) == 0)
		named = innermost(&p, path);
	if (!named)
		snprintf(out, size,
		    "a path option that names it, with %s in "
		    "its flags, would permit it",
		    flags_of(access));
	else if (access & ~named->access)
		snprintf(out, size,
		    "%s in the flags of its option \"%s\" "
		    "would permit it",
		    flags_of(access & ~named->access), named->option);
	else
		snprintf(out, size,
		    "its option \"%s\" names %s, but a link "
		    "leads elsewhere, or the folder is another one since "
		    "the start: then a reload would permit it",
		    named->option, named->path);
	permissions_free(&p);
	return out;
}

bool
permissions_permit(const struct permissions *p, const char *path,
    unsigned access)
{
	const struct permitted_path *named = innermost(p, path);

	return named && (access & ~named->access) == 0;
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
permissions_compare(const struct permissions *a, const struct permissions *b)
{
	int order = compare_numbers(a->needs, b->needs);
	size_t i;

	if (order == 0)
		order = compare_numbers(a->max_memory_bytes,
		    b->max_memory_bytes);
	if (order == 0)
		order = compare_numbers(a->max_open_files, b->max_open_files);
	if (order == 0)
		order = compare_numbers(a->max_processes, b->max_processes);
	if (order == 0)
		order = compare_numbers(a->max_cpu_ms, b->max_cpu_ms);
	if (order == 0)
		order = compare_numbers(a->alone, b->alone);
	if (order == 0)
		order = compare_numbers(a->path_count, b->path_count);
	if (order == 0)
		order = compare_numbers(a->port_count, b->port_count);
	for (i = 0; i < a->path_count && order == 0; i++) {
		order = strcmp(a->paths[i].path, b->paths[i].path);
		if (order == 0)
			order = compare_numbers(a->paths[i].access,
			    b->paths[i].access);
	}
	for (i = 0; i < a->port_count && order == 0; i++)
		order = compare_numbers(a->ports[i], b->ports[i]);
	return order;
}

void
permissions_free(struct permissions *p)
{
	size_t i;

	for (i = 0; i < p->path_count; i++) {
		free(p->paths[i].path);
		free(p->paths[i].real);
	}
	free(p->paths);
	free(p->ports);
	*p = (struct permissions){ 0 };
}
