/* SPDX-License-Identifier: ISC */
#include "permission.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <prong/handler.h>

#include "configuration.h"
#include "landlock.h"

struct gatherer {
	struct permissions *permissions;
	const struct handler *handler;
};

static int
add_path(struct permissions *p, char *path, unsigned access,
    const struct handler *handler, const char *option)
{
	struct permitted_path *grown;
	size_t i = 0;

	while (i < p->path_count && strcmp(p->paths[i].path, path) < 0)
		i++;
	if (i < p->path_count && strcmp(p->paths[i].path, path) == 0) {
		p->paths[i].access |= access;
		free(path);
		return 0;
	}
	grown = realloc(p->paths, (p->path_count + 1) * sizeof(*grown));
	if (!grown) {
		free(path);
		return -1;
	}
	p->paths = grown;
	memmove(&grown[i + 1], &grown[i],
	    (p->path_count - i) * sizeof(*grown));
	grown[i] = (struct permitted_path){ path, access, handler, option };
	p->path_count++;
	return 0;
}

/*
 * The kernel's rules follow inodes. A file that is replaced by renaming another
 * one over it has a new inode, so a rule for a file is one for its folder.
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
	char *copy;

	if (!path || !access_of(o->flags))
		return 0;
	copy = rule_path(path, o->flags);
	if (!copy)
		return -1;
	return add_path(g->permissions, copy, access_of(o->flags), g->handler,
	    o->name);
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
	memmove(&grown[i + 1], &grown[i],
	    (p->port_count - i) * sizeof(*grown));
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

int
permissions_add(struct permissions *p, const struct route *route)
{
	size_t i;

	for (i = 0; i < route->handler_count; i++) {
		const struct handler *h = &route->handlers[i];
		struct gatherer g = { p, h };

		p->needs |= h->plugin->needs;
		if (gather_options(&g, h->plugin->options, h->config) < 0) {
			errno = ENOMEM;
			return -1;
		}
	}
	return 0;
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

	for (i = 0; i < p->path_count; i++)
		free(p->paths[i].path);
	free(p->paths);
	free(p->ports);
	*p = (struct permissions){ 0 };
}
