/*
 * The handover: what a master gives a generation that it executes. A text in a
 * memfd, one line a thing, each descriptor by its number; the generation is
 * told the memfd's. The configuration and the plugins travel as the sealed
 * copies that the master keeps: a generation never reads them from the disk.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_H
#define PRONG_HANDOVER_H

#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "privilege.h"

struct plugin_set;
struct sources;

struct handover {
	uint64_t generation;		/* its number, from 1 */
	int64_t master_started;		/* seconds since 1970 */
	enum log_style log_style;
	enum log_level log_level;
	struct identity identity;	/* of the generation */
	int control;			/* both ways; ends when one side does */
	int access_log;			/* -1: none */
	int *listeners;
	size_t listener_count;
	struct sources *sources;
	struct plugin_set *plugins;
};

/* In the child that is about to execute the generation: writes the text and
 * makes every descriptor in it survive. The memfd, or -1 after logging. */
int handover_write(const struct handover *handover);

/* In the generation: reads it from fd, which it closes, and makes every
 * descriptor close-on-exec again. 0, or -1 after logging what is wrong. */
int handover_read(int fd, struct handover *handover);

#endif
