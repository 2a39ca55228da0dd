/*
 * A reopening: other log files in the place of those that are open, as after a
 * rotation. The master opens them and hands them to every generation. Connections
 * that live keep the old ones: when the last of them has ended, the old files are
 * complete, and clients that wait for that are told.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_REOPENING_H
#define PRONG_MASTER_REOPENING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

struct control;
struct generation_inputs;
struct generation_process;
struct generations;

struct reopening {
	bool is_wanted; /* but something else comes first */
	uint64_t count; /* so far */
};

/* Opens the logs of the inputs again, and tells every generation. No generation
 * may be starting: it would have the old ones. */
void reopening_begin(struct reopening *reopening,
    struct generation_inputs *inputs, enum log_style style,
    struct generations *table, struct control *control);

/* A generation has no connection any more with logs before that number; tells
 * clients, if that holds for every generation. */
void reopening_end(struct generations *table, struct generation_process *g,
    uint64_t number, struct control *control);

#endif
