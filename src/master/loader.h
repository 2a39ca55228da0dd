/*
 * The config loader reads the configuration, the files that it names and the
 * plugins. prongd -t and prongd --once read them in their own process. The
 * master starts a process for it, at its start and for every reload: a disk
 * that hangs does not block the master, and an error ends that process alone.
 * The result is a snapshot (snapshot.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LOADER_H
#define PRONG_MASTER_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct command;
struct configuration;
struct snapshot;
struct plugin_set;
struct report;

/* The configuration that the command names; options of the command override its
 * settings. NULL after reporting. */
struct configuration *loader_configuration(const struct command *command,
    struct report *report);

/* The same for a check of the rest: NULL only if there is nothing to check. */
struct configuration *loader_configuration_most(const struct command *command,
    struct report *report);

/* The plugins of the configuration; also finds the user. NULL after reporting.
 * */
struct plugin_set *loader_plugins(struct configuration *configuration,
    struct report *report);

struct loader {
	pid_t pid;	      /* 0: none */
	int socket;	      /* to be polled; -1 when pid is 0 */
	int64_t deadline_ms;  /* of clock_ms; INT64_MAX when pid is 0 */
	struct snapshot *set; /* the lines received so far */
	bool has_spoken;      /* has sent an error */
};

#define LOADER_NONE ((struct loader){ .socket = -1, .deadline_ms = INT64_MAX })

/* Starts the process. -1 after logging. */
int loader_start(struct loader *loader, const struct command *command);

/* Longer than any message, with its NUL. */
#define LOADER_MESSAGE_BYTES (4 * 4096)

enum loader_event {
	LOADER_NOTHING,	 /* more may come */
	LOADER_SAID,	 /* text has a line for the clients */
	LOADER_COMPLETE, /* loader->set is complete: take it */
	LOADER_FAILED	 /* why: in text, or in a line before */
};

/* Takes a message, without waiting. After LOADER_COMPLETE and LOADER_FAILED
 * call loader_end. */
enum loader_event loader_receive(struct loader *loader,
    char text[LOADER_MESSAGE_BYTES]);

/* Kills the process, if it has not ended, closes the socket and frees the
 * snapshot. The caller reaps the process. */
void loader_end(struct loader *loader);

#endif
