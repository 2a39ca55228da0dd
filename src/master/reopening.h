/*
 * A reopening replaces the open log files by new ones, as after a rotation. The
 * master opens the files and passes them to every generation. Connections that
 * live keep the old files. When the last of these connections has ended, the
 * old files are complete, and clients of the control socket that wait are told.
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
	bool is_wanted; /* begins when nothing else is under way */
	uint64_t count; /* so far */
};

/* Opens the logs of the inputs again, and tells every generation. No generation
 * may be starting: it would keep the old logs. */
void reopening_begin(struct reopening *reopening,
    struct generation_inputs *inputs, enum log_style style,
    struct generations *table, struct control *control);

/* The generation has ended, or has no connection any more with the logs of
 * before the reopening of that number. Tells clients when that holds for every
 * generation. */
void reopening_end(struct generations *table, struct generation_process *g,
    uint64_t number, struct control *control);

#endif
