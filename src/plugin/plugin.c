/*
 * Plugins: found, checked, copied, mapped. See plugin.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/plugin.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ltdl.h>

#include "base/log.h"
#include "base/memfd.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/setting.h"
#include "plugin/plugin_maps.h"
#include "prong/handler.h"

#define PLUGIN_MAX_BYTES ((size_t)256 << 20)
#define LISTED_MAX	 64 /* handlers named in a message */
#define STATE_MAX_BYTES	 ((uint64_t)64 << 20)

/*
 * The set.
 */

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
		if (set->copies[i].fd >= 0)
			close(set->copies[i].fd);
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
	struct plugin_copy *copies, copy = { strdup(name), strdup(path), fd };

	copies = reallocarray(set->copies, set->count + 1, sizeof(*copies));
	if (copies)
		set->copies = copies;
	if (!copies || !copy.name || !copy.path) {
		free(copy.name);
		free(copy.path);
		if (fd >= 0)
			close(fd);
		errno = ENOMEM;
		return -1;
	}
	set->copies[set->count++] = copy;
	return 0;
}

static const struct plugin_copy *
find_copy(const struct plugin_set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(set->copies[i].name, name) == 0)
			return &set->copies[i];
	return NULL;
}

/*
 * Reading from the disk.
 */

/* Belongs to root or to who runs this, and nobody else may write. A sticky
 * folder is writable too: others can put files there. */
static bool
is_ours(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) &&
	    (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static void
report_not_ours(const struct handler *handler, const char *path,
    const struct stat *st, struct report *report)
{
	report_error(report, handler->group,
	    "%s: found %s with owner %ju and "
	    "mode %04o; possible: owner 0 or %ju, and writable by nobody else "
	    "(chown, chmod go-w)",
	    handler->name, path, (uintmax_t)st->st_uid,
	    (unsigned)(st->st_mode & 07777), (uintmax_t)geteuid());
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
	if (is_ours(&st))
		return 0;
	report_not_ours(handler, folder, &st, report);
	return -1;
}

/* A link may lead elsewhere: the folder that the file is really in counts as
 * well. Its path is the opened file's, not one that is looked up again. */
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
	if (!is_ours(&st)) {
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

static void
report_missing(const struct handler *handler, const char *path,
    const char *folder, struct report *report)
{
	const char *names[LISTED_MAX], *nearest;
	int error = errno, count, i;
	struct dirent **entries;
	char list[1024];

	count = scandir(folder, &entries, is_plugin, alphasort);
	for (i = 0; i < count; i++) {
		*strrchr(entries[i]->d_name, '.') = '\0';
		if (i < LISTED_MAX)
			names[i] = entries[i]->d_name;
	}
	i = count < LISTED_MAX ? count : LISTED_MAX;
	setting_join(list, sizeof(list), names, i > 0 ? (size_t)i : 0);
	nearest = setting_nearest(handler->name, names, i > 0 ? (size_t)i : 0);
	report_error(report, handler->group,
	    "%s: found a handler%s%s%s whose "
	    "plugin %s cannot be opened: %s; possible here: %s",
	    handler->name, nearest ? " (is \"" : "", nearest ? nearest : "",
	    nearest ? "\" meant?)" : "", path, strerror(error),
	    count > 0 ? list : "none");
	for (i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
}

/* The copy of a plugin, or -1 after reporting. */
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

/* Whether a handler before it has the same name. */
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

struct plugin_set *
plugin_set_read_most(const struct configuration *c, struct report *report)
{
	struct plugin_set *set = plugin_set_new();
	const struct handler *handler;
	char path[PATH_MAX];
	bool good = true;
	size_t cursor = 0;
	int fd;

	while (set && (handler = configuration_next_handler(c, &cursor))) {
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
		if (plugin_set_add(set, handler->name, path, fd) < 0) {
			plugin_set_free(set);
			set = NULL;
		}
	}
	if (!set)
		report_error(report, NULL, "plugins: out of memory");
	return set;
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

/*
 * Mapping. The environment must not lead libltdl elsewhere, though only
 * absolute paths are given to it.
 */

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

/*
 * libltdl binds lazily and says "file not found" whatever was wrong. So the
 * linker is asked first, to bind now and in its own words; libltdl then finds
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
	if (!mapped) {
		size_t n = strlen(proc);

		/* The linker's "PATH: reason" names the copy. */
		if (error && strncmp(error, proc, n) == 0 && error[n] == ':')
			error += n + 1 + (error[n + 1] == ' ');
		report_error(report, handler->group,
		    "%s: %s cannot be "
		    "loaded: %s",
		    handler->name, copy->path, error ? error : "unknown error");
	}
	return mapped;
}

/* What a plugin is, member by member in the order in which each can be
 * trusted: nothing of it is called before. */
static bool
check_descriptor(const struct prong_handler *d, const struct plugin_copy *copy,
    const struct handler *handler, struct report *report)
{
	const char *what = NULL;

	if (d->magic != PRONG_MAGIC) {
		report_error(report, handler->group,
		    "%s: found the magic "
		    "number %#" PRIx64 " in prong_handler of %s; possible: "
		    "%#" PRIx64 ", by PRONG_HANDLER of <prong/handler.h>",
		    handler->name, d->magic, copy->path, PRONG_MAGIC);
	} else if (d->abi_major != PRONG_ABI_MAJOR ||
	    d->abi_minor > PRONG_ABI_MINOR) {
		report_error(report, handler->group,
		    "%s: found ABI %" PRIu32 ".%" PRIu32
		    " in %s; possible: %u.0 to %u.%u, so build it "
		    "with this prongd's <prong/handler.h>",
		    handler->name, d->abi_major, d->abi_minor, copy->path,
		    PRONG_ABI_MAJOR, PRONG_ABI_MAJOR, PRONG_ABI_MINOR);
	} else if (d->size != sizeof(*d) ||
	    d->option_size != sizeof(struct prong_option)) {
		report_error(report, handler->group,
		    "%s: found sizes of %" PRIu64 " and %" PRIu64
		    " bytes for prong_handler and its "
		    "options in %s; possible: %zu and %zu",
		    handler->name, d->size, d->option_size, copy->path,
		    sizeof(*d), sizeof(struct prong_option));
	} else if (!d->name || strcmp(d->name, copy->name) != 0) {
		report_error(report, handler->group,
		    "%s: found the handler "
		    "\"%.63s\" in %s; possible: \"%s\", the file's name",
		    handler->name, d->name ? d->name : "", copy->path,
		    copy->name);
	} else {
		if (!d->handle)
			what = "has no function handle";
		else if (d->state_size > STATE_MAX_BYTES)
			what = "has a state_size above 64 MiB";
		if (!what)
			return true;
		report_error(report, handler->group,
		    "%s: found a handler "
		    "that %s in %s; possible: a corrected plugin",
		    handler->name, what, copy->path);
	}
	return false;
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
	return check_descriptor(descriptor, copy, handler, report) ?
	    descriptor :
	    NULL;
}

/* All handlers of one plugin; the first stands for it in messages. */
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
		if (!find_copy(set, handler->name))
			report_error(report, handler->group,
			    "%s: its plugin "
			    "was not handed over",
			    handler->name);
	return report->errors == before ? 0 : -1;
}
