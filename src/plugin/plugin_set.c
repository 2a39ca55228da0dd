/*
 * Plugin set: reads plugins from the disk, checks their owners and modes, and
 * copies them into sealed memfds.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/plugin_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/memfd.h"
#include "base/ownership.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/setting.h"
#include "plugin/plugin_linked.h"

#define PLUGIN_MAX_BYTES ((size_t)256 << 20)
#define LISTED_MAX	 64 /* handlers named in a message */

struct plugin_set *
plugin_set_new(void)
{
	return calloc(1, sizeof(struct plugin_set));
}

void
plugin_set_free(struct plugin_set *set)
{
	size_t i;

	if (!set)
		return;
	for (i = 0; i < set->count; i++) {
		descriptor_close(set->copies[i].fd);
		free(set->copies[i].name);
		free(set->copies[i].path);
	}
	free(set->copies);
	free(set);
}

int
plugin_set_add(struct plugin_set *set, const char *name, const char *path,
    int fd)
{
	struct plugin_copy *copies,
	    copy = { strdup(name), strdup(path), fd, false };

	copies = reallocarray(set->copies, set->count + 1, sizeof(*copies));
	if (copies)
		set->copies = copies;
	if (!copies || !copy.name || !copy.path) {
		free(copy.name);
		free(copy.path);
		descriptor_close(fd);
		errno = ENOMEM;
		return -1;
	}
	set->copies[set->count++] = copy;
	return 0;
}

void
plugin_set_map_files(struct plugin_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		set->copies[i].maps_file = true;
}

const struct plugin_copy *
plugin_set_find(const struct plugin_set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(set->copies[i].name, name) == 0)
			return &set->copies[i];
	return NULL;
}

static void
report_not_ours(const struct handler *handler, const char *path,
    const struct stat *st, struct report *report)
{
	char text[OWNERSHIP_TEXT_BYTES];

	ownership_describe(text, sizeof(text), path, st);
	report_error(report, handler->group, "%s: %s", handler->name, text);
}

static int
check_folder(const struct handler *handler, const char *folder,
    struct report *report)
{
	struct stat st;

	if (stat(folder, &st) < 0) {
		report_error(report, handler->group,
		    "%s: %s cannot be "
		    "reached: %s; possible: another plugin_dir",
		    handler->name, folder, strerror(errno));
		return -1;
	}
	if (ownership_is_ours(&st))
		return 0;
	report_not_ours(handler, folder, &st, report);
	return -1;
}

/* Checks also the folder that a symbolic link leads to. The path is that of the
 * open file, so no second lookup can lead elsewhere. */
static int
check_real_folder(const struct handler *handler, int fd, struct report *report)
{
	char proc[40], real[PATH_MAX], *slash;
	ssize_t n;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	n = readlink(proc, real, sizeof(real) - 1);
	if (n < 0) {
		report_error(report, handler->group, "%s: cannot read %s: %s",
		    handler->name, proc, strerror(errno));
		return -1;
	}
	real[n] = '\0';
	slash = strrchr(real, '/');
	if (slash)
		slash[slash == real] = '\0';
	return check_folder(handler, real, report);
}

static int
check_file(const struct handler *handler, const char *path, int fd,
    struct report *report)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		report_error(report, handler->group,
		    "%s: found %s, which is "
		    "no regular file; possible: a shared object",
		    handler->name, path);
		return -1;
	}
	if (!ownership_is_ours(&st)) {
		report_not_ours(handler, path, &st, report);
		return -1;
	}
	return check_real_folder(handler, fd, report);
}

static int
is_plugin(const struct dirent *entry)
{
	char name[SETTING_NAME_MAX_CHARS + 1];
	size_t n = strlen(entry->d_name);

	if (n < 4 || n - 3 >= sizeof(name) ||
	    strcmp(entry->d_name + n - 3, ".so") != 0)
		return 0;
	memcpy(name, entry->d_name, n - 3);
	name[n - 3] = '\0';
	return setting_is_name(name);
}

/* Lists the names of the plugins in a folder, at most LISTED_MAX; entries owns
 * them. Returns the number of plugins, -1 when the folder cannot be read. */
static int
list_plugins(const char *folder, struct dirent ***entries,
    const char *names[LISTED_MAX])
{
	int count = scandir(folder, entries, is_plugin, alphasort), i;

	for (i = 0; i < count; i++) {
		*strrchr((*entries)[i]->d_name, '.') = '\0';
		if (i < LISTED_MAX)
			names[i] = (*entries)[i]->d_name;
	}
	return count;
}

/* What is there in place of the plugin, as a clause: a link that leads nowhere,
 * or what libtool(1) leaves beside the folder that has the shared object. "" for
 * neither. */
static void
describe_place(const char *path, char *text, size_t size)
{
	char target[PATH_MAX], la[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	int stem = (int)(strlen(path) - strlen(".so"));

	text[0] = '\0';
	snprintf(la, sizeof(la), "%.*s.la", stem, path);
	if (n > 0)
		snprintf(text, size, " (it is a link to %.*s)", (int)n, target);
	else if (access(la, F_OK) == 0)
		snprintf(text, size,
		    " (%s is there, a text of libtool, whose shared object is "
		    "in .libs; libtool --mode=install puts it here)",
		    la);
}

/* Reports a plugin that cannot be opened, with the reason in errno. */
static void
report_missing(const struct handler *handler, const char *path,
    const char *folder, struct report *report)
{
	const char *names[LISTED_MAX], *nearest;
	struct dirent **entries;
	int error = errno, count = list_plugins(folder, &entries, names), i;
	size_t listed = count < 0 ? 0 :
	    count < LISTED_MAX	  ? (size_t)count :
				    LISTED_MAX;
	char list[1024], place[PATH_MAX + 128];

	describe_place(path, place, sizeof(place));
	setting_join(list, sizeof(list), names, listed);
	nearest = setting_nearest(handler->name, names, listed);
	/* A link that leads nowhere has the name itself. */
	if (nearest && strcmp(nearest, handler->name) == 0)
		nearest = NULL;
	report_error(report, handler->group,
	    "%s: found a handler%s%s%s whose "
	    "plugin %s cannot be opened: %s%s; possible here: %s",
	    handler->name, nearest ? " (is \"" : "", nearest ? nearest : "",
	    nearest ? "\" meant?)" : "", path, strerror(error), place,
	    count > 0 ? list : "none");
	for (i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
}

/* Whether an earlier handler has the same name. */
static bool
is_repeated(const struct configuration *c, const struct handler *handler)
{
	const struct handler *other;
	size_t cursor = 0;

	while ((other = configuration_next_handler(c, &cursor)) != handler)
		if (strcmp(other->name, handler->name) == 0)
			return true;
	return false;
}

static void
report_not_linked(const struct handler *handler, struct report *report)
{
	struct plugin_linked linked;
	const char *nearest;
	char list[1024];

	plugin_linked_list(&linked);
	setting_join(list, sizeof(list), linked.names, linked.count);
	nearest = setting_nearest(handler->name, linked.names, linked.count);
	report_error(report, handler->group,
	    "%s: found a handler%s%s%s that is not in this prongd, which is "
	    "static and loads no shared objects; possible here: %s",
	    handler->name, nearest ? " (is \"" : "", nearest ? nearest : "",
	    nearest ? "\" meant?)" : "", list);
}

/* In a static prongd nothing is copied. The set has those that are reported. -1 and
 * errno. */
static int
read_linked(struct plugin_set *set, const struct configuration *c,
    struct report *report)
{
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor))) {
		if (is_repeated(c, handler) || plugin_linked_has(handler->name))
			continue;
		report_not_linked(handler, report);
		if (plugin_set_add(set, handler->name, "", -1) < 0)
			return -1;
	}
	return 0;
}

/* Copies a plugin. The descriptor of the copy, or -1 after reporting. */
static int
read_plugin(const struct handler *handler, const char *folder, const char *path,
    struct report *report)
{
	char name[SETTING_NAME_MAX_CHARS + 16];
	int fd, copy = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		report_missing(handler, path, folder, report);
		return -1;
	}
	if (check_file(handler, path, fd, report) == 0) {
		snprintf(name, sizeof(name), "prong-%s", handler->name);
		copy = memfd_copy(name, fd, PLUGIN_MAX_BYTES);
		if (copy < 0)
			report_error(report, handler->group,
			    "%s: %s cannot "
			    "be copied: %s",
			    handler->name, path, strerror(errno));
	}
	close(fd);
	return copy;
}

/* Copies all. -1 and errno. */
static int
read_files(struct plugin_set *set, const struct configuration *c,
    struct report *report)
{
	const struct handler *handler;
	char path[PATH_MAX];
	bool good = true;
	size_t cursor = 0;
	int fd;

	while ((handler = configuration_next_handler(c, &cursor))) {
		if (is_repeated(c, handler))
			continue;
		if (cursor == 1)
			good = check_folder(handler, c->plugin_folder,
				   report) == 0;
		snprintf(path, sizeof(path), "%s/%s.so", c->plugin_folder,
		    handler->name);
		fd = good ?
		    read_plugin(handler, c->plugin_folder, path, report) :
		    -1;
		if (plugin_set_add(set, handler->name, path, fd) < 0)
			return -1;
	}
	return 0;
}

struct plugin_set *
plugin_set_read_most(const struct configuration *c, struct report *report)
{
	struct plugin_set *set = plugin_set_new();
	int result = !set	? -1 :
	    plugin_linked_any() ? read_linked(set, c, report) :
				  read_files(set, c, report);

	if (result == 0)
		return set;
	plugin_set_free(set);
	report_error(report, NULL, "plugins: out of memory");
	return NULL;
}

struct plugin_set *
plugin_set_read(const struct configuration *c, struct report *report)
{
	unsigned before = report->errors;
	struct plugin_set *set = plugin_set_read_most(c, report);

	if (report->errors == before)
		return set;
	plugin_set_free(set);
	return NULL;
}
