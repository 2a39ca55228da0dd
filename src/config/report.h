/*
 * Errors of the configuration: each error is logged where it is found, with
 * file and line, and counted, so that one run names all errors.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_REPORT_H
#define PRONG_CONFIG_REPORT_H

#include <libconfig.h>

struct handler;

/* Steps of a start that run code of a plugin, or read data of one. */
enum report_step { STEP_LOAD, STEP_OPTIONS, STEP_OPEN };

struct report {
	unsigned errors, warnings;
	/* Called before each step, so that the report of a crash can name the
	 * handler and the step; may be NULL. */
	void (*step)(void *context, const struct handler *handler,
	    enum report_step step);
	void *context;
};

/* Sets the file of all settings of a parsed tree; path is borrowed. */
void report_set_file(config_t *tree, char *path);

/* The file of a setting, as messages show it. */
const char *report_file_of(const config_setting_t *setting);

/* The message begins with "FILE:LINE: " when setting is not NULL. */
void report_error(struct report *report, const config_setting_t *setting,
    const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));
void report_warning(struct report *report, const config_setting_t *setting,
    const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));

void report_step(struct report *report, const struct handler *handler,
    enum report_step step);

#endif
