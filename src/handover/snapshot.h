/*
 * The good set: all that generations are made from, as it was read from the
 * disk at once. A list of lines, some with a descriptor: sealed copies of the
 * configuration, of the files it names and of the plugins, and who to become.
 * The master hands these on unread; what it goes by itself stands in lines of
 * their own, and in the structure.
 *
 *	source PATH		+ descriptor
 *	page PATH		+ descriptor
 *	plugin NAME PATH	+ descriptor
 *	identity ...		(handover.h)
 *	group GID
 *	listen ADDRESS		for the master, one line each
 *	access-log-path PATH	"-", or absent
 *	error-log PATH		or "stderr", "syslog"
 *	control-path PATH	absent: none
 *	default-control-path PATH	the same, when nobody asked for it
 *	control-group GID
 *	log-level, stop-grace, drain-timeout, open-timeout NUMBER	(ms)
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

struct configuration;
struct plugin_set;

/* A line is at most that long, with its NUL: a keyword and two paths. */
#define SNAPSHOT_LINE_BYTES (3 * 4096)

struct snapshot_line {
	char *text;
	int fd; /* close-on-exec; -1: none */
};

struct snapshot {
	struct snapshot_line *lines;
	size_t count;
	struct identity identity;
	/* Borrowed from the lines; NULL when there is none. */
	const char *access_log, *error_log, *control;
	gid_t control_group;	 /* (gid_t)-1: none */
	bool control_is_default; /* nobody asked for that path */
	enum log_level log_level;
	int64_t stop_grace_ms, drain_timeout_ms, open_timeout_ms;
};

struct snapshot *snapshot_new(void);
/* Closes the descriptors. */
void snapshot_free(struct snapshot *set);

/* Takes the descriptor over. -1 and errno: EINVAL for a line that is none, or
 * lacks its descriptor. */
int snapshot_add(struct snapshot *set, const char *text, int fd);

/* The set of a configuration that was read and checked; descriptors are
 * duplicated. NULL and errno. */
struct snapshot *snapshot_from(const struct configuration *configuration,
    const struct plugin_set *plugins);

/* What follows the keyword in the line of that number, if it has that keyword;
 * else NULL. */
const char *snapshot_value(const struct snapshot *set, size_t line,
    const char *keyword);

#endif
