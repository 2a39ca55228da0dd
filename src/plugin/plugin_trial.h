/*
 * Plugin trial: the child of the plugin check, which loads and opens all plugins
 * once and tells its parent each step, so that this can say what came last.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_TRIAL_H
#define PRONG_PLUGIN_PLUGIN_TRIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct configuration;
struct plugin_set;

#define PLUGIN_TRIAL_PATH_BYTES 4096

/* The status of a trial that could not tell its parent: the socket is closed. */
#define PLUGIN_TRIAL_UNHEARD 125
/* The same, by an error of the kernel, which it has logged. */
#define PLUGIN_TRIAL_MUTE 124

enum plugin_trial_kind {
	PLUGIN_TRIAL_STEP,   /* index of a handler, step */
	PLUGIN_TRIAL_SECRET, /* Path; the parent sends a byte back, with the
			      * descriptor if it has one. */
	PLUGIN_TRIAL_DONE    /* errors, warnings */
};

struct plugin_trial_message {
	uint32_t kind;
	uint32_t index, step;
	uint32_t errors, warnings;
	char path[PLUGIN_TRIAL_PATH_BYTES];
};

struct plugin_trial {
	struct configuration *configuration;
	const struct plugin_set *plugins;
	bool is_full; /* for prongd -t: also warnings */
	int socket;   /* SOCK_SEQPACKET, to the parent */
	pid_t parent; /* with it the trial ends */
};

/* To be called in a fork. */
_Noreturn void plugin_trial_run(const struct plugin_trial *trial);

#endif
