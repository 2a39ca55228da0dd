/*
 * Errors of the configuration: each is logged where it is found, with file and
 * line, and counted, so that one run names them all.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_REPORT_H
#define PRONG_CONFIG_REPORT_H

#include <libconfig.h>

struct handler;

/* What is done to a handler that runs code of its plugin, or reads its data. */
enum report_step { STEP_LOAD, STEP_OPTIONS, STEP_OPEN };

struct report {
	unsigned errors, warnings;
	/* Told before each step, so that a crash can be blamed; may be NULL. */
	void (*step)(void *context, const struct handler *handler,
	    enum report_step step);
	void *context;
};

/* Names the file of all settings of a parsed tree; path is borrowed. */
void report_set_file(config_t *tree, char *path);

/* The file that a setting stands in, as messages show it. */
const char *report_file_of(const config_setting_t *setting);

/* "FILE:LINE: ..." when setting is not NULL. */
void report_error(struct report *report, const config_setting_t *setting,
    const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));
void report_warning(struct report *report, const config_setting_t *setting,
    const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));

void report_step(struct report *report, const struct handler *handler,
    enum report_step step);

#endif
