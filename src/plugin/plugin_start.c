/*
 * Plugin start. A handler's function open calls the daemon by the table "api"
 * below, which the public beginning of a struct opening points to.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/plugin_start.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/arena.h"
#include "base/descriptor.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "config/site.h"
#include "plugin/leftovers.h"
#include "plugin/option.h"
#include "plugin/plugin_load.h"
#include "plugin/plugin_log.h"
#include "plugin/secrets.h"

/* Descriptors that handlers leave to the server. */
#define DESCRIPTORS_LEFT 12

#define TEXT_MAX_BYTES	 1024 /* of an error or log message of a handler */

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

/* Whether few descriptors are left. Each handler may hold some, and hundreds of
 * routes would report the same error. */
static bool
lacks_descriptors(void)
{
	/* Below there may be numbers that are free for a moment. To open one so
	 * high would make the kernel's table as large. */
	return fcntl((int)descriptor_limit() - DESCRIPTORS_LEFT, F_GETFD) >= 0;
}

static void
report_lack(const struct handler *handler, struct report *report)
{
	report_error(report, handler->group,
	    "%s: the handlers before this one have nearly all of %zu open "
	    "files; possible: a higher hard limit (ulimit -n, LimitNOFILE=), "
	    "or fewer routes",
	    handler->name, descriptor_limit());
}

/* Once, and not in the plugin check of each start. */
static void
tell_missing(const struct opening *opening, const struct handler *handler)
{
	char where[SITE_PLACE_BYTES];

	if (!opening->is_test)
		report_warning(opening->report, handler->group,
		    "%s: there is no folder %s: requests for %s get the status "
		    "503 until it is there",
		    handler->name, handler->missing,
		    site_place(handler->route, where));
}

/* The lowest number that is free; -1: none. What is opened next gets it. */
static int
free_number(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	descriptor_close(fd);
	return fd;
}

/* number: that was free before its function open was called. */
static void
note_held(struct handler *handler, int number)
{
	struct stat st;

	if (number < 0 || free_number() == number || fstat(number, &st) < 0)
		return;
	handler->held = number;
	handler->held_dev = st.st_dev;
	handler->held_ino = st.st_ino;
}

static void
open_handler(struct opening *opening, struct handler *handler)
{
	unsigned before = opening->report->errors;
	struct leftovers leftovers;
	int result, number;

	if (handler->missing) {
		tell_missing(opening, handler);
		return;
	}
	report_step(opening->report, handler, STEP_OPEN);
	/* Without a plugin: the parent of the check has said why. */
	if (!handler->plugin || !handler->plugin->open)
		return;
	opening->handler = handler;
	leftovers_begin(&leftovers, opening->is_test);
	number = free_number();
	result = handler->plugin->open(&opening->public, handler->config);
	note_held(handler, number);
	leftovers_end(&leftovers, handler, opening->report);
	if (result != 0 && opening->report->errors == before)
		report_error(opening->report, handler->group,
		    "%s: could not be opened, and did not say why",
		    handler->name);
}

int
plugin_start_open(struct configuration *c, enum plugin_purpose purpose,
    struct report *report)
{
	struct opening opening = { { &api }, c, NULL, report,
		purpose == PLUGIN_TEST };
	unsigned before = report->errors;
	struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor))) {
		if (purpose == PLUGIN_SERVE_USUAL && handler->route->is_fresh)
			continue;
		if (lacks_descriptors()) {
			report_lack(handler, report);
			break;
		}
		open_handler(&opening, handler);
	}
	return report->errors == before ? 0 : -1;
}

int
plugin_start_load(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets,
    enum plugin_purpose purpose, struct report *report)
{
	int loaded = plugin_load_all(plugins, configuration, report), filled;

	secrets->skips_fresh = purpose == PLUGIN_SERVE_USUAL;
	/* Also after a failure: options of loaded plugins may have errors. */
	filled = option_fill_all(configuration, secrets, report);
	return loaded < 0 || filled < 0 ? -1 : 0;
}

int
plugin_start(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets,
    enum plugin_purpose purpose, struct report *report)
{
	if (plugin_start_load(configuration, plugins, secrets, purpose,
		report) < 0)
		return -1;
	return plugin_start_open(configuration, purpose, report);
}

int
plugin_start_route(struct configuration *configuration,
    const struct route *route, const struct plugin_set *plugins,
    struct secrets *secrets, struct report *report)
{
	struct handler *handler;
	size_t cursor = 0;
	int loaded = plugin_load(plugins, configuration, report), filled;

	while ((handler = configuration_next_handler(configuration, &cursor)))
		if (handler->route != route)
			handler->plugin = NULL;
	filled = option_fill_all(configuration, secrets, report);
	if (loaded < 0 || filled < 0)
		return -1;
	return plugin_start_open(configuration, PLUGIN_SERVE, report);
}
