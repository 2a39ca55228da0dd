/*
 * Deeds of the hostile handler. Each does one thing that a handler must not, or
 * must not get through with, and tells what came of it: "opened", "EACCES".
 * NULL: it has answered itself, or wants no more said.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <prong/handler.h>

/* Whose faults are for the kernel to find, not for a sanitizer. */
#if defined(__GNUC__)
#define UNCHECKED __attribute__((__no_sanitize__("address", "undefined")))
#else
#define UNCHECKED
#endif

typedef const char *deed_function(struct prong_request *r,
    const char *argument);

struct deed {
	const char *name;
	deed_function *function;
};

/* Tables, each ended by a name that is NULL. */
extern const struct deed crash_deeds[];	  /* memory, signals */
extern const struct deed consume_deeds[]; /* time, memory, processes */
extern const struct deed answer_deeds[];  /* the answer, descriptors */
extern const struct deed file_deeds[];
extern const struct deed log_deeds[];
extern const struct deed network_deeds[];
extern const struct deed process_deeds[]; /* others, and identity */
extern const struct deed shared_deeds[];  /* scoreboard, handing back */

/* What was achieved, when the result is not negative; else errno's name. */
const char *outcome(long result, const char *achieved);

#endif
