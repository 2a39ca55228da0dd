/*
 * The handover: what a master gives a generation that it executes. A text in a
 * memfd, one line a thing, each descriptor by its number; the generation is
 * told the memfd's. The configuration and the plugins travel as the sealed
 * copies that the master keeps: a generation never reads them from the disk.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_HANDOVER_H
#define PRONG_HANDOVER_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/identity.h"
#include "base/log.h"

struct snapshot;
struct plugin_set;
struct sources;

struct handover {
	uint64_t generation;	/* its number, from 1 */
	int64_t master_started; /* seconds since 1970 */
	enum log_style log_style;
	enum log_level log_level;
	struct identity identity; /* of the generation */
	int control;		  /* both ways; ends when one side does */
	int access_log;		  /* -1: none */
	int *listeners;		  /* descriptors */
	size_t listener_count;
	struct sources *sources;
	struct plugin_set *plugins;
};

/* An identity's line, and room for it. Returns text. */
#define HANDOVER_IDENTITY_BYTES 192
const char *handover_identity(const struct identity *identity,
    char text[HANDOVER_IDENTITY_BYTES]);

/* What stands behind "identity " and "group "; false: it is none. */
bool handover_read_identity(struct identity *identity, const char *value);
bool handover_read_group(struct identity *identity, const char *value);

/* In the child that is about to execute the generation: writes the text, with
 * the lines of the snapshot, and makes every descriptor in it
 * survive. The memfd, or -1 after logging. */
int handover_write(const struct handover *handover, const struct snapshot *set);

/* Writes the lines of a good set as they stand in a handover: the descriptor
 * after the keyword. Makes these survive, too. False and errno. */
bool handover_write_set(FILE *out, const struct snapshot *set);

/* In the generation: reads it from fd, which it closes, and makes every
 * descriptor close-on-exec again. 0, or -1 after logging what is wrong. */
int handover_read(int fd, struct handover *handover);

#endif
