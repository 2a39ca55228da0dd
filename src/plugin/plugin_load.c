/*
 * Loading of plugins. Only this file includes ltdl.h. Plugins are never
 * unloaded.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/plugin_load.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ltdl.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "plugin/plugin_descriptor.h"
#include "plugin/plugin_maps.h"
#include "plugin/plugin_set.h"

static lt_dladvise
make_advice(void)
{
	lt_dladvise advice;

	if (lt_dladvise_init(&advice) != 0)
		return NULL;
	if (lt_dladvise_local(&advice) != 0 ||
	    lt_dladvise_resident(&advice) != 0)
		lt_dladvise_destroy(&advice);
	return advice;
}

/* Strips the path of the copy from the linker's "PATH: reason". */
static const char *
strip_path(const char *error, const char *path)
{
	size_t n = strlen(path);

	if (!error)
		return "unknown error";
	if (strncmp(error, path, n) == 0 && error[n] == ':')
		error += n + 1 + (error[n + 1] == ' ');
	return error;
}

/*
 * libltdl binds lazily and reports "file not found" for every fault. So dlopen
 * comes first: it binds now and has a message of its own. libltdl then finds
 * the object mapped.
 */
static lt_dlhandle
map(const struct plugin_copy *copy, lt_dladvise advice,
    const struct handler *handler, struct report *report)
{
	lt_dlhandle mapped = NULL;
	const char *error;
	char proc[40];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", copy->fd);
	if (!dlopen(proc, RTLD_NOW | RTLD_LOCAL)) {
		error = dlerror();
	} else {
		mapped = lt_dlopenadvise(proc, advice);
		error = lt_dlerror();
	}
	if (!mapped)
		report_error(report, handler->group,
		    "%s: %s cannot be loaded: %s", handler->name, copy->path,
		    strip_path(error, proc));
	return mapped;
}

static const struct prong_handler *
load(const struct plugin_copy *copy, lt_dladvise advice,
    const struct handler *handler, struct report *report)
{
	const struct prong_handler *descriptor;
	lt_dlhandle mapped;

	report_step(report, handler, STEP_LOAD);
	log_debug("dlopen(%s) from a copy", copy->path);
	mapped = map(copy, advice, handler, report);
	if (!mapped)
		return NULL;
	descriptor = lt_dlsym(mapped, "prong_handler");
	if (!descriptor) {
		report_error(report, handler->group,
		    "%s: found no symbol "
		    "prong_handler in %s; possible: a plugin that has "
		    "PRONG_HANDLER of <prong/handler.h>",
		    handler->name, copy->path);
		return NULL;
	}
	if (plugin_maps_note(copy->path, descriptor) < 0)
		log_warning("%s: a backtrace would not name it: %s", copy->path,
		    strerror(errno));
	return plugin_descriptor_check(descriptor, copy->path, handler,
		   report) ?
	    descriptor :
	    NULL;
}

/* Loads a plugin for all its handlers. Reports name the first handler. */
static void
load_for(const struct plugin_copy *copy, lt_dladvise advice,
    struct configuration *c, struct report *report)
{
	const struct prong_handler *descriptor = NULL;
	struct handler *handler;
	bool tried = false;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor))) {
		if (strcmp(handler->name, copy->name) != 0)
			continue;
		if (!tried)
			descriptor = load(copy, advice, handler, report);
		tried = true;
		handler->plugin = descriptor;
	}
}

int
plugin_load_all(const struct plugin_set *set, struct configuration *c,
    struct report *report)
{
	unsigned before = report->errors;
	const struct handler *handler;
	lt_dladvise advice;
	size_t i, cursor = 0;

	/* The variable must not lead libltdl elsewhere, although libltdl gets
	 * only absolute paths. */
	unsetenv("LTDL_LIBRARY_PATH");
	if (lt_dlinit() != 0 || !(advice = make_advice())) {
		report_error(report, NULL, "libltdl cannot be used: %s",
		    lt_dlerror());
		return -1;
	}
	for (i = 0; i < set->count; i++)
		if (set->copies[i].fd >= 0)
			load_for(&set->copies[i], advice, c, report);
	lt_dladvise_destroy(&advice);
	while ((handler = configuration_next_handler(c, &cursor)))
		if (!plugin_set_find(set, handler->name))
			report_error(report, handler->group,
			    "%s: its plugin "
			    "was not handed over",
			    handler->name);
	return report->errors == before ? 0 : -1;
}
