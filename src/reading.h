/*
 * Reading the disk: the configuration, the files that it names, the plugins. The
 * commands -t and --once do it themselves. The master has it done by a process
 * that is thrown away, at its start and for every reload: a disk that hangs does
 * not hold it up, and whatever goes wrong there ends there. What comes of it is
 * a good set (goodset.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_READING_H
#define PRONG_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct command;
struct configuration;
struct goodset;
struct plugin_set;
struct report;

#define READING_DEFAULT_FILE SYSCONFDIR "/prong/prongd.conf"

/* The configuration that the command names, with what the command says instead
 * of it. NULL after reporting. */
struct configuration *reading_configuration(const struct command *command,
    struct report *report);

/* Its plugins; finds the user, too. NULL after reporting. */
struct plugin_set *reading_plugins(struct configuration *configuration,
    struct report *report);

struct reading {
	pid_t pid;	     /* 0: none */
	int socket;	     /* to be polled; -1 when pid is 0 */
	int64_t deadline_ms; /* of clock_ms; INT64_MAX when pid is 0 */
	struct goodset *set; /* what came so far */
	bool has_spoken;     /* of what is wrong */
};

/* Starts the process. -1 after logging. */
int reading_start(struct reading *reading, const struct command *command);

/* Longer than any message, with its NUL. */
#define READING_MESSAGE_BYTES (4 * 4096)

enum reading_event {
	READING_NOTHING,  /* more may come */
	READING_SAID,	  /* a line for whoever asked: in text */
	READING_COMPLETE, /* reading->set is whole: take it */
	READING_FAILED	  /* and whoever asked was told why */
};

/* Takes a message, without waiting. After READING_COMPLETE and READING_FAILED
 * call reading_end. */
enum reading_event reading_receive(struct reading *reading,
    char text[READING_MESSAGE_BYTES]);

/* Ends the process, if it has not ended, and drops what is left of it. The
 * caller reaps it. */
void reading_end(struct reading *reading);

#endif
