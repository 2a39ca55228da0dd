/*
 * Permissions: what a route's handlers may touch, gathered from what their
 * options name and their descriptors declare. Two routes whose permissions are
 * the same can share a process.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_PERMISSION_H
#define PRONG_SANDBOX_PERMISSION_H

#include <stddef.h>
#include <stdint.h>

struct handler;
struct route;

/* Something below a path: access as landlock.h has it. */
struct permitted_path {
	char *path;
	unsigned access;
	const struct handler *handler; /* the first that names it */
	const char *option;
	const char *file; /* the option's, whose folder path is;
					   NULL: path is the option's */
};

struct permissions {
	struct permitted_path *paths; /* sorted, each once */
	size_t path_count;
	uint16_t *ports; /* TCP, to connect to; sorted */
	size_t port_count;
	uint64_t needs;		   /* PRONG_NEEDS_... */
	uint64_t max_memory_bytes; /* limits that cannot be raised again; */
	uint64_t max_open_files;   /* 0: none */
};

/* Adds those of every handler of the route. 0, or -1 and errno. */
int permissions_add(struct permissions *permissions, const struct route *route);

/* Adds those of one. */
int permissions_add_handler(struct permissions *permissions,
    const struct handler *handler);

/* The declaration that the handler would need for that access to the path, as a
 * clause. Returns out. */
const char *permissions_explain(const struct handler *handler, const char *path,
    unsigned access, char *out, size_t size);

/* -1, 0, 1: an order, in which equal means the same rules. */
int permissions_compare(const struct permissions *a,
    const struct permissions *b);

void permissions_free(struct permissions *permissions);

#endif
