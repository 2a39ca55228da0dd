/*
 * The configuration snapshot: all files and settings that generations start
 * from, as one run of the config loader read them. It is a list of lines of a
 * manifest (manifest.h), some with a descriptor: sealed copies of the
 * configuration, of the files that it names and of the plugins; and the user to
 * serve as. The master passes the copies on and does not open them. The
 * settings that the master itself needs are also members of the structure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_SNAPSHOT_H
#define PRONG_HANDOVER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/identity.h"
#include "base/log.h"
#include "handover/manifest.h"

struct configuration;
struct manifest_writer;
struct plugin_set;

struct snapshot_line {
	enum manifest_keyword keyword;
	int fd; /* close-on-exec; -1: none */
	char *value;
};

struct snapshot {
	struct snapshot_line *lines;
	size_t count;
	struct manifest manifest; /* for snapshot_add */
	struct identity identity;
	/* Borrowed from the lines; NULL when there is none. */
	const char *access_log, *error_log, *control;
	gid_t control_group;	 /* (gid_t)-1: none */
	bool control_is_default; /* no setting names that path */
	bool defer_accept;
	enum log_level log_level;
	size_t sites; /* 0: unknown, after an upgrade */
	int64_t stop_grace_ms, drain_timeout_ms, open_timeout_ms;
};

struct snapshot *snapshot_new(void);
/* Closes the descriptors. */
void snapshot_free(struct snapshot *set);

/* Adds a line that was parsed, and owns its descriptor. -1 and errno: EINVAL
 * for a line that no snapshot has. The descriptor is closed then. */
int snapshot_take(struct snapshot *set, const struct manifest_line *line);

/* The same for the text of a message; EINVAL also when it is no line of a
 * snapshot. */
int snapshot_add(struct snapshot *set, const char *text, int fd);

/* The snapshot of a configuration that was read and checked; descriptors are
 * duplicated. NULL and errno. */
struct snapshot *snapshot_from(const struct configuration *configuration,
    const struct plugin_set *plugins);

/* Writes those of its lines that the reader of that manifest knows. */
void snapshot_write(const struct snapshot *set, struct manifest_writer *writer);

/* Sends its lines, and the last line of a manifest, to a process that keeps
 * them with snapshot_add. -1 and errno. */
int snapshot_send(const struct snapshot *set, int socket);

/* The value of the line at that index, if it has that keyword; else NULL. */
const char *snapshot_value(const struct snapshot *set, size_t line,
    enum manifest_keyword keyword);

#endif
