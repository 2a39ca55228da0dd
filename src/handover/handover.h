/*
 * The handover gives a generation all that it starts from. It is a manifest
 * (manifest.h) in a memfd, which includes the lines of a snapshot that are for
 * generations; an argument tells the generation the descriptor. Configuration
 * and plugins are passed as the sealed copies that the master keeps: a
 * generation never reads them from the disk.
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
	uint64_t generation;	   /* its number, from 1 */
	bool is_reload;		   /* another one serves meanwhile */
	int64_t master_started;	   /* seconds since 1970 */
	int64_t master_started_ms; /* of clock_ms */
	enum log_style log_style;
	enum log_level log_level;
	struct identity identity; /* of the generation */
	int control;		  /* socket to the master */
	int totals;		  /* descriptor (annals.h) */
	int bulletin;		  /* likewise (bulletin.h); -1: none */
	/* Files for their memory, -1: none (shared_memory_file). */
	int scoreboard, ledgers;
	int access_log; /* -1: none */
	int *listeners; /* descriptors */
	size_t listener_count;
	struct sources *sources;
	struct plugin_set *plugins;
};

/* In the child that is about to execute the generation: writes the handover,
 * with the lines of the snapshot, and makes every descriptor in it survive the
 * exec. The memfd, or -1 after logging. */
int handover_write(const struct handover *handover, const struct snapshot *set);

/* In the generation: reads the handover from fd, closes fd, and makes every
 * descriptor close-on-exec again. 0, or -1 after logging what is wrong. */
int handover_read(int fd, struct handover *handover);

/* In the generation: closes the sealed copies, when all were read; no connection
 * needs them. */
void handover_drop_copies(struct handover *handover);

#endif
