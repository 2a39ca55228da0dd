/*
 * Plugin start. A handler's function open calls the daemon by the table "api"
 * below, which the public beginning of a struct opening points to.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/plugin_start.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <prong/handler.h>

#include "base/arena.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "plugin/option.h"
#include "plugin/plugin_load.h"
#include "plugin/plugin_log.h"

#define TEXT_MAX_BYTES 1024 /* of an error or log message of a handler */

struct opening {
	struct prong_opening public; /* first: see opening_of */
	struct configuration *configuration;
	const struct handler *handler;
	struct report *report;
	bool is_test;
};

static struct opening *
opening_of(struct prong_opening *o)
{
	return (struct opening *)o;
}

static int32_t
is_test(struct prong_opening *o)
{
	return opening_of(o)->is_test;
}

static const char *
route(struct prong_opening *o)
{
	return opening_of(o)->handler->route->path;
}

/* Finds the child that the next step of a path names ("rules", "[1]"), and
 * moves *path behind the step. NULL when the child is not set. */
static const config_setting_t *
walk(const config_setting_t *at, const char **path)
{
	const char *step = *path;
	size_t n = strcspn(step, ".");
	char name[64], *end;
	long index;

	*path += n + (step[n] == '.');
	if (step[0] == '[') {
		index = strtol(step + 1, &end, 10);
		if (*end != ']' || index < 0 ||
		    !config_setting_is_aggregate(at) ||
		    index >= config_setting_length(at))
			return NULL;
		return config_setting_get_elem(at, (unsigned)index);
	}
	if (n >= sizeof(name) || !config_setting_is_group(at))
		return NULL;
	memcpy(name, step, n);
	name[n] = '\0';
	return config_setting_get_member(at, name);
}

/* The setting that the option's path leads to, or the innermost one on the way
 * that is in the configuration. */
static const config_setting_t *
find_option(const config_setting_t *group, const char *option)
{
	const config_setting_t *at = group, *next;

	while (option && *option != '\0' && (next = walk(at, &option)))
		at = next;
	return at;
}

PRONG_PRINTF(3, 0)
static void
verror(struct prong_opening *o, const char *option, const char *format,
    va_list ap)
{
	struct opening *opening = opening_of(o);
	const struct handler *handler = opening->handler;
	char text[TEXT_MAX_BYTES];

	vsnprintf(text, sizeof(text), format, ap);
	report_error(opening->report, find_option(handler->group, option),
	    "%s%s%.100s: %s", handler->name, option ? "." : "",
	    option ? option : "", text);
}

PRONG_PRINTF(3, 0)
static void
vlog(struct prong_opening *o, int32_t level, const char *format, va_list ap)
{
	const struct handler *handler = opening_of(o)->handler;
	char text[TEXT_MAX_BYTES];

	vsnprintf(text, sizeof(text), format, ap);
	plugin_log(level, "%s: %s", handler->name, text);
}

static void *
alloc(struct prong_opening *o, uint64_t size)
{
	return arena_alloc(&opening_of(o)->configuration->arena, (size_t)size);
}

static void *
shared(struct prong_opening *o, uint64_t size)
{
	void *memory;

	(void)o;
	if (size == 0 || size > SIZE_MAX)
		return NULL;
	memory = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static const struct prong_opening_api api = {
	.size = sizeof(api),
	.is_test = is_test,
	.route = route,
	.verror = verror,
	.vlog = vlog,
	.alloc = alloc,
	.shared = shared,
};

static void
open_handler(struct opening *opening, const struct handler *handler)
{
	unsigned before = opening->report->errors;

	report_step(opening->report, handler, STEP_OPEN);
	if (!handler->plugin->open)
		return;
	opening->handler = handler;
	if (handler->plugin->open(&opening->public, handler->config) != 0 &&
	    opening->report->errors == before)
		report_error(opening->report, handler->group,
		    "%s: could not be opened, and did not say why",
		    handler->name);
}

int
plugin_start_open(struct configuration *c, bool is_a_test,
    struct report *report)
{
	struct opening opening = { { &api }, c, NULL, report, is_a_test };
	unsigned before = report->errors;
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		open_handler(&opening, handler);
	return report->errors == before ? 0 : -1;
}

int
plugin_start(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets, bool is_a_test,
    struct report *report)
{
	int loaded, filled;

	loaded = plugin_load_all(plugins, configuration, report);
	/* Also after a failure: options of loaded plugins may have errors. */
	filled = option_fill_all(configuration, secrets, report);
	if (loaded < 0 || filled < 0)
		return -1;
	return plugin_start_open(configuration, is_a_test, report);
}
