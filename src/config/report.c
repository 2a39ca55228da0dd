/*
 * Errors of the configuration. See report.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/report.h"

#include <stdio.h>

#include "base/log.h"

/* As long as a line of the error log, where longer texts are cut, too. */
#define TEXT_MAX_BYTES 2048

/* libconfig keeps one pointer of its user for each setting: that of the root
 * setting is the path. */
void
report_set_file(config_t *tree, char *path)
{
	config_setting_set_hook(config_root_setting(tree), path);
}

const char *
report_file_of(const config_setting_t *setting)
{
	const char *path;

	while (!config_setting_is_root(setting))
		setting = config_setting_parent(setting);
	path = config_setting_get_hook(setting);
	return path ? path : "configuration";
}

static void
log_line(void (*log)(const char *format, ...) LOG_PRINTF(1, 2),
    const config_setting_t *setting, const char *text)
{
	if (!setting)
		log("%s", text);
	else
		log("%s:%u: %s", report_file_of(setting),
		    config_setting_source_line(setting), text);
}

LOG_PRINTF(3, 0)
static void
log_setting(enum log_level level, const config_setting_t *setting,
    const char *format, va_list ap)
{
	char text[TEXT_MAX_BYTES];

	vsnprintf(text, sizeof(text), format, ap);
	if (level == LEVEL_ERROR)
		log_line(log_error, setting, text);
	else
		log_line(log_warning, setting, text);
}

void
report_error(struct report *report, const config_setting_t *setting,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report->errors++;
	log_setting(LEVEL_ERROR, setting, format, ap);
	va_end(ap);
}

void
report_warning(struct report *report, const config_setting_t *setting,
    const char *format, ...)
{
	va_list ap;

	report->warnings++;
	va_start(ap, format);
	log_setting(LEVEL_WARNING, setting, format, ap);
	va_end(ap);
}

void
report_step(struct report *report, const struct handler *handler,
    enum report_step step)
{
	if (report->step)
		report->step(report->context, handler, step);
}
