/*
 * Deeds of the hostile handler. Each does one thing that a handler must not, or
 * must not get through with, and tells what came of it: "opened", "EACCES".
 * NULL: it has answered itself, or wants no more said.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>

#include <prong/handler.h>

/* Whose faults are for the kernel to find, not for a sanitizer. */
#if defined(__GNUC__)
#define UNCHECKED __attribute__((__no_sanitize__("address", "undefined")))
#else
#define UNCHECKED
#endif

/* Whether there is memory that can be read: the kernel tells, so that nothing
 * else looks at it. */
bool is_mapped(const void *address);

typedef const char *deed_function(struct prong_request *r,
    const char *argument);

struct deed {
	const char *name;
	deed_function *function;
};

/* Tables, each ended by a name that is NULL. */
extern const struct deed crash_deeds[];	  /* memory, signals */
extern const struct deed consume_deeds[]; /* time, memory, processes */
extern const struct deed escape_deeds[];  /* processes that stay */
extern const struct deed answer_deeds[];  /* the answer, descriptors */
extern const struct deed file_deeds[];
extern const struct deed group_deeds[]; /* of processes */
extern const struct deed known_deeds[]; /* what is admitted */
extern const struct deed log_deeds[];
extern const struct deed network_deeds[];
extern const struct deed penalty_deeds[];  /* whom a crash is put down to */
extern const struct deed process_deeds[];  /* others, and identity */
extern const struct deed argument_deeds[]; /* of permitted calls */
extern const struct deed attempt_deeds[];  /* what is shared, a call or two */
extern const struct deed memory_deeds[];
extern const struct deed borrowed_deeds[]; /* what outlives the process */
extern const struct deed busy_deeds[];	   /* what keeps others busy */
extern const struct deed shared_deeds[];   /* scoreboard, hand-off */
extern const struct deed channel_deeds[];  /* hand-off, client's socket */
extern const struct deed text_deeds[];	   /* what is shown to people */
extern const struct deed time_deeds[];	   /* limits of time */
extern const struct deed watch_deeds[];	   /* epoll */

/* The page of this connection in the scoreboard, whose request begins with GET
 * /hostile; NULL: not found. */
void *own_page(struct prong_request *r);

/* The ring of its log lines (base/rings.h); NULL: not found. */
void *own_ring(struct prong_request *r);

/* The socket of the client; -1: none. */
int client_socket(void);

/* What was achieved, when the result is not negative; else errno's name. */
const char *outcome(long result, const char *achieved);

#endif
