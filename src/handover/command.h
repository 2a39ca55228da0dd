/*
 * The parsed command line of prongd. The master uses it again for every
 * reload.
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
	COMMAND_RENEWED,    /* a connection, executed afresh */
	COMMAND_PROVE	    /* executed by a master before an upgrade */
};

struct command {
	enum command_mode mode;
	char **arguments;	   /* a copy, as they were given */
	char **parsed;		   /* another copy; texts point into it */
	const char *file;	   /* NULL: COMMAND_DEFAULT_FILE */
	const char *folder;	   /* instead of a file; or NULL */
	const char *plugin_folder; /* NULL: as the configuration says */
	const char *control;	   /* NULL: as the configuration says */
	const char **listens;
	size_t listen_count; /* 0: as the configuration says */
	bool verbose;
	int descriptor; /* COMMAND_GENERATION, _RENEWED, _PROVE: inherited */
	int copy;	/* COMMAND_PROVE: for log_copy_to, or -1 */
};

/* Parses the arguments. Ends the process after an error, -h and -V. The texts
 * of *command live as long as the process. */
void command_parse(struct command *command, int argc, char *argv[]);

#endif
