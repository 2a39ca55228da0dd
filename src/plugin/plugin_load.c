/*
 * Loading of plugins. Only this file and plugin_linked.c include ltdl.h. Plugins
 * are never unloaded.
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
#include <unistd.h>

#include <ltdl.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/place.h"
#include "config/report.h"
#include "plugin/plugin_descriptor.h"
#include "plugin/plugin_elf.h"
#include "plugin/plugin_linked.h"
#include "plugin/plugin_maps.h"
#include "plugin/plugin_set.h"
#include "plugin/symbols.h"

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
	char proc[40];
	const char *error, *path = proc;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", copy->fd);
	/* The user of the server may be unable to read the file. */
	if (copy->maps_file && access(copy->path, R_OK) == 0)
		path = copy->path;
	if (!dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
		error = dlerror();
	} else {
		mapped = lt_dlopenadvise(path, advice);
		error = lt_dlerror();
	}
	if (!mapped)
		report_error(report, handler->group,
		    "%s: %s cannot be loaded: %s", handler->name, copy->path,
		    strip_path(error, path));
	return mapped;
}

/* Whether the dynamic linker may have it. */
static bool
is_whole(const struct plugin_copy *copy, const struct handler *handler,
    struct report *report)
{
	char text[PLUGIN_ELF_TEXT_BYTES];

	if (plugin_elf_check(copy->fd, text))
		return true;
	report_error(report, handler->group, "%s: found %s, which %s",
	    handler->name, copy->path, text);
	return false;
}

static lt_dlhandle
map_copy(const struct plugin_copy *copy, lt_dladvise advice,
    const struct handler *handler, struct report *report)
{
	lt_dlhandle mapped;

	if (!is_whole(copy, handler, report))
		return NULL;
	report_step(report, handler, STEP_LOAD);
	log_debug("dlopen(%s) from a copy", copy->path);
	plugin_maps_expect(copy->path);
	mapped = map(copy, advice, handler, report);
	plugin_maps_expect(NULL);
	return mapped;
}

/* In a static prongd: with this advice libltdl looks nowhere else. */
static lt_dlhandle
find_linked(lt_dladvise advice, const struct handler *handler,
    struct report *report)
{
	lt_dlhandle found = NULL;

	report_step(report, handler, STEP_LOAD);
	if (lt_dladvise_preload(&advice) == 0)
		found = lt_dlopenadvise(handler->name, advice);
	if (!found)
		report_error(report, handler->group,
		    "%s: cannot be found in prongd: %s", handler->name,
		    lt_dlerror());
	return found;
}

/* copy: without a descriptor for a linked handler. */
static const struct prong_handler *
load(const struct plugin_copy *copy, lt_dladvise advice,
    const struct handler *handler, struct report *report)
{
	const struct prong_handler *descriptor;
	bool is_linked = copy->fd < 0;
	lt_dlhandle mapped = is_linked ?
	    find_linked(advice, handler, report) :
	    map_copy(copy, advice, handler, report);

	if (!mapped)
		return NULL;
	/* libltdl finds NAME_LTX_prong_handler, too. */
	descriptor = lt_dlsym(mapped, "prong_handler");
	if (!descriptor) {
		report_error(report, handler->group,
		    "%s: found no symbol "
		    "prong_handler in %s; possible: a plugin that has "
		    "PRONG_HANDLER of <prong/handler.h>",
		    handler->name, copy->path);
		return NULL;
	}
	if (!is_linked &&
	    plugin_maps_note(copy->path, descriptor, copy->fd) < 0)
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

static void
load_linked(lt_dladvise advice, struct configuration *c, struct report *report)
{
	struct plugin_linked list;
	size_t i;

	plugin_linked_list(&list);
	for (i = 0; i < list.count; i++)
		load_for(&(struct plugin_copy){ .name = list.text[i],
			     .path = program_invocation_name,
			     .fd = -1 },
		    advice, c, report);
}

int
plugin_load(const struct plugin_set *set, struct configuration *c,
    struct report *report)
{
	unsigned before = report->errors;
	lt_dladvise advice;
	size_t i;

	/* The variable must not lead libltdl elsewhere, although libltdl gets
	 * only absolute paths. */
	unsetenv("LTDL_LIBRARY_PATH");
	plugin_linked_open();
	if (lt_dlinit() != 0 || !(advice = make_advice())) {
		report_error(report, NULL, "libltdl cannot be used: %s",
		    lt_dlerror());
		return -1;
	}
	plugin_maps_note_program();
	load_linked(advice, c, report);
	for (i = 0; i < set->count && !plugin_linked_any(); i++)
		if (set->copies[i].fd >= 0)
			load_for(&set->copies[i], advice, c, report);
	symbols_seal();
	lt_dladvise_destroy(&advice);
	return report->errors == before ? 0 : -1;
}

int
plugin_load_all(const struct plugin_set *set, struct configuration *c,
    struct report *report)
{
	int result = plugin_load(set, c, report);
	unsigned before = report->errors;
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		if (!plugin_set_find(set, handler->name) &&
		    !plugin_linked_has(handler->name))
			report_error(report, handler->group,
			    "%s: its plugin "
			    "was not handed over",
			    handler->name);
	place_settle(c, report);
	return report->errors == before ? result : -1;
}
