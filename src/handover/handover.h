/*
 * The handover: what a master gives a generation that it executes. It is a
 * manifest (manifest.h) in a memfd, whose number the generation is told, with
 * the lines of a snapshot that are for generations. The configuration and the
 * plugins travel as the sealed copies that the master keeps: a generation never
 * reads them from the disk.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_HANDOVER_H
#define PRONG_HANDOVER_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* In the child that is about to execute the generation: writes it, with the
 * lines of the snapshot, and makes every descriptor in it survive. The memfd,
 * or -1 after logging. */
int handover_write(const struct handover *handover, const struct snapshot *set);

/* In the generation: reads it from fd, which it closes, and makes every
 * descriptor close-on-exec again. 0, or -1 after logging what is wrong. */
int handover_read(int fd, struct handover *handover);

#endif
