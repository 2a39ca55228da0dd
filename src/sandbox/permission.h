/*
 * Permissions: paths, ports and needs of a route's handlers, gathered from
 * their options and plugin descriptors, and the limits of the route. Routes
 * with the same permissions can share a process.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_PERMISSION_H
#define PRONG_SANDBOX_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct configuration;
struct handler;
struct route;

/* Rights below a path: LANDLOCK_MAY_... of landlock.h. */
struct permitted_path {
	char *path;
	unsigned access;
	const struct handler *handler; /* the first that names the path */
	const char *option;
	const char *file; /* The file that the option names, in the folder
			   * path; NULL: the option names path. */
	size_t order;	  /* among the paths that were added */
	/* For a ruleset that is made later. */
	int anchor; /* of anchor.h; 0: none */
	char *real; /* without links, at the start; NULL: the same, or none */
};

struct permissions {
	struct permitted_path *paths; /* sorted, without duplicates */
	size_t path_count;
	uint16_t *ports; /* TCP ports to connect to; sorted */
	size_t port_count;
	uint64_t needs;		   /* PRONG_NEEDS_... */
	uint64_t max_memory_bytes; /* Limits that cannot be raised again; */
	uint64_t max_open_files;   /* 0: no limit. */
	uint64_t max_processes;	   /* 0 also where none can be started. */
	uint64_t max_cpu_ms;	   /* of the whole process */
	size_t alone; /* Not 0: the rules are those of one fresh route. */
};

/* Adds the permissions of each handler of the route. 0, or -1 and errno. */
int permissions_add(struct permissions *permissions, const struct route *route);

/* Adds those of all routes. opens_fresh: also for the function open of the
 * handlers of fresh routes, which runs behind the first stage: they may read
 * each path that an option names. 0, or -1 and errno. */
int permissions_add_all(struct permissions *permissions,
    const struct configuration *configuration, bool opens_fresh);

/* Adds the permissions of one handler. 0, or -1 and errno. */
int permissions_add_handler(struct permissions *permissions,
    const struct handler *handler);

/* Writes a clause to out: the declaration that would permit the handler that
 * access to the path. Returns out. */
const char *permissions_explain(const struct handler *handler, const char *path,
    unsigned access, char *out, size_t size);

/* Whether the permissions name path, or a folder around it, with that access. */
bool permissions_permit(const struct permissions *permissions, const char *path,
    unsigned access);

/* Whether the path is the folder or leads into it, by its name. */
bool permission_is_below(const char *path, const char *folder);

/* Below, equal to or above 0, an order; 0 means the same rules. */
int permissions_compare(const struct permissions *a,
    const struct permissions *b);

void permissions_free(struct permissions *permissions);

#endif
