/*
 * Prints what the sandbox permits handlers, for "prongd -t".
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/sandbox.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <prong/handler.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "sandbox/landlock.h"
#include "sandbox/permission.h"

/* The log truncates longer lines. */
#define LINE_MAX_BYTES 2048

struct line {
	char text[LINE_MAX_BYTES];
	size_t length;
};

static void put(struct line *line, const char *format, ...) LOG_PRINTF(2, 3);

/* Appends an item to the line. */
static void
put(struct line *line, const char *format, ...)
{
	size_t left = sizeof(line->text) - line->length;
	va_list ap;
	int n;

	if (line->length > 0) {
		n = snprintf(line->text + line->length, left, ", ");
		line->length += (size_t)n < left ? (size_t)n : left - 1;
		left = sizeof(line->text) - line->length;
	}
	va_start(ap, format);
	n = vsnprintf(line->text + line->length, left, format, ap);
	va_end(ap);
	line->length += (size_t)n < left ? (size_t)n : left - 1;
}

static void
put_path(struct line *line, const struct permitted_path *p)
{
	char verbs[64] = "";

	if (p->access & LANDLOCK_MAY_READ)
		strcat(verbs, " and read");
	if (p->access & LANDLOCK_MAY_LIST)
		strcat(verbs, " and list");
	if (p->access & LANDLOCK_MAY_WRITE)
		strcat(verbs, " and write");
	if (p->access & LANDLOCK_MAY_EXECUTE)
		strcat(verbs, " and execute");
	put(line, "%s %s", verbs + strlen(" and "), p->path);
}

static const char *
promise_of(const struct prong_handler *plugin)
{
	const uint64_t promises = handler_promises(plugin);
	const bool is_reused = promises & PRONG_REUSES_PROCESS;

	if (promises & PRONG_SHARES_PROCESS)
		return is_reused ? "; it promises that it can share a process, "
				   "and that its process can be used again" :
				   "; it promises that it can share a process";
	return is_reused ? "; it promises that its process can be used again" :
			   "";
}

static void
put_needs(struct line *line, const struct permissions *p)
{
	if (p->needs & PRONG_NEEDS_NETWORK)
		put(line, "use the network");
	if (p->needs & PRONG_NEEDS_PROCESSES)
		put(line, "start processes");
	if (p->needs & PRONG_NEEDS_THREADS)
		put(line, "start threads");
	if (p->needs & PRONG_NEEDS_EXECUTABLE_MEMORY)
		put(line, "make code while it runs");
}

static void
print_handler(const struct handler *h)
{
	struct permissions p = { 0 };
	struct line line = { .length = 0 };
	size_t i;

	if (permissions_add_handler(&p, h) < 0)
		return;
	for (i = 0; i < p.path_count; i++)
		put_path(&line, &p.paths[i]);
	for (i = 0; i < p.port_count; i++)
		put(&line, "connect to TCP port %u", p.ports[i]);
	put_needs(&line, &p);
	if (line.length == 0)
		put(&line, "open no file");
	log_info("%s:%u: %s of route %s may %s%s", report_file_of(h->group),
	    config_setting_source_line(h->group), h->name, h->route->path,
	    line.text, promise_of(h->plugin));
	permissions_free(&p);
}

void
sandbox_print(const struct configuration *c)
{
	const struct handler *h;
	size_t cursor = 0;

	if (c->sandbox == SANDBOX_OFF) {
		log_info("sandbox = \"off\": handlers may do whatever the "
			 "server's user may");
		return;
	}
	while ((h = configuration_next_handler(c, &cursor)))
		print_handler(h);
}

/* Folders with many files that are not for a handler. */
static bool
is_broad(const char *folder)
{
	static const char *const broad[] = {
		"/",
		"/boot",
		"/dev",
		"/dev/shm",
		"/etc",
		"/home",
		"/mnt",
		"/opt",
		"/proc",
		"/root",
		"/run",
		"/srv",
		"/sys",
		"/tmp",
		"/usr",
		"/var",
		"/var/lib",
		"/var/log",
		"/var/run",
		"/var/tmp",
	};
	size_t i;

	for (i = 0; i < sizeof(broad) / sizeof(broad[0]); i++)
		if (strcmp(folder, broad[i]) == 0)
			return true;
	return false;
}

static void
warn_of_handler(const struct handler *h, struct report *report)
{
	struct permissions p = { 0 };
	const config_setting_t *setting;
	size_t i;

	if (permissions_add_handler(&p, h) < 0)
		return;
	for (i = 0; i < p.path_count; i++) {
		const struct permitted_path *path = &p.paths[i];

		if (!path->file || !is_broad(path->path))
			continue;
		setting = config_setting_get_member(h->group, path->option);
		report_warning(report, setting ? setting : h->group,
		    "%s.%s: found \"%s\": the sandbox lets the handler %s all "
		    "of %s, since a rule for a file is one for its folder; "
		    "possible: a folder of its own",
		    h->name, path->option, path->file,
		    path->access & LANDLOCK_MAY_WRITE ? "write in" : "read",
		    path->path);
	}
	permissions_free(&p);
}

void
sandbox_warn(const struct configuration *c, struct report *report)
{
	const struct handler *h;
	size_t cursor = 0;

	if (c->sandbox == SANDBOX_OFF)
		return;
	while ((h = configuration_next_handler(c, &cursor)))
		warn_of_handler(h, report);
}
