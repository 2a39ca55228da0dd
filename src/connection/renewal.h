/*
 * Renewal: the process of a connection executes prongd anew for a fresh route,
 * before any code of handlers has run. So the process gets an address layout and
 * memory of its own. What it shares with the generation it maps again, by
 * descriptors that prong's own code alone ever has: the kit. Its descriptors
 * have the highest numbers of the generation. A connection closes them when it
 * knows that its route is not fresh; a renewed process before it loads a plugin.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_RENEWAL_H
#define PRONG_CONNECTION_RENEWAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "connection/connection.h"
#include "sandbox/sandbox.h"

struct channel;
struct http_head;

/* Copies that a route needs: of its configuration, without the options of other
 * routes; of error pages; of its plugins and secrets. */
enum renewal_kind {
	RENEWAL_SOURCE = 'c',
	RENEWAL_PAGE = 'e',
	RENEWAL_PLUGIN = 'p',
	RENEWAL_SECRET = 's'
};

struct renewal_file {
	enum renewal_kind kind;
	int fd;
	char *name; /* of a plugin; "" otherwise */
	char *path;
};

struct renewal_route {
	const struct route *route;
	struct renewal_file *files;
	size_t count;
};

/* The memory of the generation. */
struct renewal_memory {
	size_t slots, workers; /* of both; those of workers come first */
	int scoreboard[2];     /* writable, readable (shared_memory.h) */
	int rings[2];	       /* the rings, their control */
	int statements; /* statement.h, with so many octets for a handoff */
	size_t handoff_octets;
	int penalties; /* -1: none */
};

/* Made by the generation; lives as long as the process. */
struct renewal {
	int first;   /* number of a descriptor of the kit: all from there on */
	int program; /* the open binary */
	char **environment; /* as it was before any code of handlers ran */
	enum log_level log_level;
	struct renewal_memory memory;
	struct renewal_route *routes;
	size_t count;
};

/* Instead of a brief: the process ends at once, with the status 0. */
#define RENEWAL_TRIAL (-1)

/* What the renewed process is told, before the octets that were read of its
 * request, and the files: each of these is its kind, its descriptor, a space, its
 * name and its path, each with a NUL. */
struct renewal_brief {
	size_t size;			       /* of this structure */
	struct connection_arguments arguments; /* without pointers */
	bool can_hand_off;		       /* by the memory for that */
	size_t unread;			       /* octets */
	struct renewal_memory memory;
	struct sandbox_heritage sandbox;
	size_t handler; /* index of the first one of the route */
	enum log_level log_level;
	bool is_dumpable;
};

/* In the generation, behind the first stage of the sandbox: whether a process can
 * be executed there, with all libraries. False after logging. */
bool renewal_try(const struct renewal *renewal);

/* Executes the process afresh for the request with that head, at that route.
 * Returns only after an error that was logged: then the process can still
 * respond. */
void renewal_execute(const struct connection_arguments *arguments,
    struct channel *channel, const struct http_head *head,
    const struct route *route);

/* Closes the kit, which must come before any code of handlers runs. */
void renewal_give_up(const struct renewal *renewal);

#endif
