/*
 * Reading the disk: the configuration, the files that it names, the plugins. The
 * commands -t and --once do it themselves. The master has it done by a process
 * that is thrown away, at its start and for every reload: a disk that hangs does
 * not hold it up, and whatever goes wrong there ends there. What comes of it is
 * a snapshot (snapshot.h).
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

/* The configuration that the command names, with what the command says instead
 * of it. NULL after reporting. */
struct configuration *loader_configuration(const struct command *command,
    struct report *report);

/* Its plugins; finds the user, too. NULL after reporting. */
struct plugin_set *loader_plugins(struct configuration *configuration,
    struct report *report);

struct loader {
	pid_t pid;	      /* 0: none */
	int socket;	      /* to be polled; -1 when pid is 0 */
	int64_t deadline_ms;  /* of clock_ms; INT64_MAX when pid is 0 */
	struct snapshot *set; /* what came so far */
	bool has_spoken;      /* of what is wrong */
};

#define LOADER_NONE ((struct loader){ .socket = -1, .deadline_ms = INT64_MAX })

/* Starts the process. -1 after logging. */
int loader_start(struct loader *loader, const struct command *command);

/* Longer than any message, with its NUL. */
#define LOADER_MESSAGE_BYTES (4 * 4096)

enum loader_event {
	LOADER_NOTHING,	 /* more may come */
	LOADER_SAID,	 /* a line for whoever asked: in text */
	LOADER_COMPLETE, /* loader->set is whole: take it */
	LOADER_FAILED	 /* and whoever asked was told why */
};

/* Takes a message, without waiting. After LOADER_COMPLETE and LOADER_FAILED
 * call loader_end. */
enum loader_event loader_receive(struct loader *loader,
    char text[LOADER_MESSAGE_BYTES]);

/* Ends the process, if it has not ended, and drops what is left of it. The
 * caller reaps it. */
void loader_end(struct loader *loader);

#endif
