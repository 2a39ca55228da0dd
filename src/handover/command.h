/*
 * The command line of prongd, as it was understood. Kept by the master, which
 * reads the disk again by it at every reload.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_COMMAND_H
#define PRONG_HANDOVER_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_DEFAULT_FILE SYSCONFDIR "/prong/prongd.conf"

enum command_mode {
	COMMAND_SERVE,
	COMMAND_TEST,
	COMMAND_ONCE,
	COMMAND_GENERATION, /* executed by a master */
	COMMAND_PROVE	    /* by one that would be replaced */
};

struct command {
	enum command_mode mode;
	char **arguments;	   /* a copy, as they were given */
	char **parsed;		   /* another: texts point into it */
	const char *file;	   /* NULL: COMMAND_DEFAULT_FILE */
	const char *folder;	   /* instead of a file; or NULL */
	const char *plugin_folder; /* NULL: as the configuration says */
	const char *control;	   /* likewise */
	const char **listens;
	size_t listen_count; /* 0: likewise */
	bool verbose;
	int descriptor; /* what such a mode begins with */
	int copy;	/* COMMAND_PROVE: for log_copy_to */
};

/* Ends the process when the arguments make no sense, and after -h and -V. What
 * the result points to lives as long as the process. */
void command_parse(struct command *command, int argc, char *argv[]);

#endif
