/*
 * The sources of a configuration. See sources.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/sources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memfd.h"
#include "config/report.h"
#include "config/syntax.h"

struct sources *
sources_new(void)
{
	return calloc(1, sizeof(struct sources));
}

static void
free_source(struct source *source)
{
	if (source->parsed)
		config_destroy(&source->tree);
	if (source->fd >= 0)
		close(source->fd);
	free(source->text);
	free(source->path);
}

void
sources_free(struct sources *sources)
{
	size_t i;

	if (!sources)
		return;
	for (i = 0; i < sources->count; i++)
		free_source(&sources->items[i]);
	for (i = 0; i < sources->page_count; i++)
		free_source(&sources->pages[i]);
	free(sources->items);
	free(sources->pages);
	free(sources);
}

/* Appends a source with the text of a memfd, and takes the descriptor over. */
static int
append(struct source **list, size_t *count, const char *path, int fd,
    size_t max_bytes)
{
	struct source *items, *source;
	int saved;

	items = reallocarray(*list, *count + 1, sizeof(*items));
	if (!items)
		goto fail;
	*list = items;
	source = &items[*count];
	memset(source, 0, sizeof(*source));
	source->fd = fd;
	source->path = strdup(path);
	if (!source->path)
		goto fail;
	source->text = memfd_read_text(fd, max_bytes, &source->length);
	if (!source->text) {
		free(source->path);
		goto fail;
	}
	(*count)++;
	return 0;
fail:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A byte order mark, which some editors put before UTF-8, is no part of the
 * text. */
static void
drop_byte_order_mark(struct source *source)
{
	const size_t n = 3;

	if (source->length < n || memcmp(source->text, "\xef\xbb\xbf", n) != 0)
		return;
	source->length -= n;
	memmove(source->text, source->text + n, source->length + 1);
}

int
sources_add_descriptor(struct sources *sources, const char *path, int fd)
{
	if (append(&sources->items, &sources->count, path, fd,
		SOURCE_MAX_BYTES) < 0)
		return -1;
	drop_byte_order_mark(&sources->items[sources->count - 1]);
	return 0;
}

int
sources_add_page(struct sources *sources, const char *path, int fd)
{
	return append(&sources->pages, &sources->page_count, path, fd,
	    PAGE_MAX_BYTES);
}

static int
copy_page(const char *path)
{
	struct stat st;
	int fd, copy = -1, saved;

	/* O_NONBLOCK: open would wait for the writer of a FIFO. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || S_ISREG(st.st_mode))
		copy = memfd_copy("prong-page", fd, PAGE_MAX_BYTES);
	else
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	saved = errno;
	close(fd);
	errno = saved;
	return copy;
}

const char *
sources_page(struct sources *sources, const char *path, size_t *length)
{
	const struct source *page;
	size_t i;
	int copy;

	for (i = 0; i < sources->page_count; i++)
		if (strcmp(sources->pages[i].path, path) == 0)
			break;
	if (i == sources->page_count) {
		errno = ENOENT;
		if (sources->is_handed_over)
			return NULL;
		copy = copy_page(path);
		if (copy < 0 || sources_add_page(sources, path, copy) < 0)
			return NULL;
	}
	page = &sources->pages[i];
	*length = page->length;
	return page->text;
}

static int
add_copy(struct sources *sources, const char *path, int copy,
    struct report *report)
{
	if (copy >= 0 && sources_add_descriptor(sources, path, copy) == 0)
		return 0;
	if (errno == EFBIG)
		report_error(report, NULL,
		    "%s: the file is larger than the "
		    "%zu KiB that a configuration may have",
		    path, SOURCE_MAX_BYTES / 1024);
	else
		report_error(report, NULL, "%s: cannot be read: %s", path,
		    strerror(errno));
	return -1;
}

/* Reads an open file, which may be a pipe: "prongd -t -c /dev/stdin". */
static int
add_file(struct sources *sources, const char *path, int fd,
    struct report *report)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		report_error(report, NULL,
		    "%s: found a folder; possible: "
		    "a file (\"prongd DIR\" without -c serves a folder)",
		    path);
		return -1;
	}
	return add_copy(sources, path,
	    memfd_copy("prong-configuration", fd, SOURCE_MAX_BYTES), report);
}

/* "*.conf" does not match names that begin with ".", as in a shell. */
static int
is_wanted(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t length = strlen(name);

	return name[0] != '.' && length > 5 &&
	    strcmp(name + length - 5, ".conf") == 0;
}

/* Not alphasort: it uses strcoll, which depends on the environment. */
static int
compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
add_part(struct sources *sources, const char *folder, const char *name,
    struct report *report)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	/* O_NONBLOCK: open would wait for the writer of a FIFO. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		report_error(report, NULL, "%s: cannot be opened: %s", path,
		    strerror(errno));
		return;
	}
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		report_error(report, NULL,
		    "%s: found something that is no "
		    "regular file; possible: files, or another name than "
		    "*.conf",
		    path);
	else
		add_file(sources, path, fd, report);
	close(fd);
}

static void
add_parts(struct sources *sources, const char *folder, struct report *report)
{
	struct dirent **names;
	int count, i;

	count = scandir(folder, &names, is_wanted, compare_names);
	if (count < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			report_error(report, NULL, "%s: cannot be listed: %s",
			    folder, strerror(errno));
		return;
	}
	if (count >= SOURCES_MAX)
		report_error(report, NULL,
		    "%s: found %d files; possible: "
		    "%d at most",
		    folder, count, SOURCES_MAX - 1);
	for (i = 0; i < count; i++) {
		if (count < SOURCES_MAX)
			add_part(sources, folder, names[i]->d_name, report);
		free(names[i]);
	}
	free(names);
}

/* Sets folder to conf.d in the folder of the file. */
static void
folder_beside(char folder[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');
	int length = !slash ? 0 : (int)(slash + 1 - path);

	snprintf(folder, PATH_MAX, "%.*sconf.d", length, path);
}

struct sources *
sources_read(const char *path, struct report *report)
{
	unsigned before = report->errors;
	struct sources *sources;
	char folder[PATH_MAX];
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		report_error(report, NULL,
		    "%s: cannot be opened: %s; "
		    "possible: another file after -c, or a folder to serve "
		    "without any configuration (prongd DIR)",
		    path, strerror(errno));
		return NULL;
	}
	sources = sources_new();
	if (!sources) {
		report_error(report, NULL, "%s: out of memory", path);
	} else {
		add_file(sources, path, fd, report);
		folder_beside(folder, path);
		add_parts(sources, folder, report);
	}
	close(fd);
	if (report->errors == before)
		return sources;
	sources_free(sources);
	return NULL;
}

struct sources *
sources_from_text(const char *path, const char *text, struct report *report)
{
	struct sources *sources = sources_new();

	if (!sources) {
		report_error(report, NULL, "%s: out of memory", path);
		return NULL;
	}
	if (add_copy(sources, path,
		memfd_from_text("prong-configuration", text, strlen(text)),
		report) == 0)
		return sources;
	sources_free(sources);
	return NULL;
}

static int
parse(struct source *source, struct report *report)
{
	if (syntax_check(source->path, source->text, source->length, report) <
	    0)
		return -1;
	if (source->parsed)
		config_destroy(&source->tree);
	config_init(&source->tree);
	source->parsed = true;
	if (config_read_string(&source->tree, source->text)) {
		report_set_file(&source->tree, source->path);
		return 0;
	}
	syntax_explain(source->path, source->text,
	    config_error_line(&source->tree), config_error_text(&source->tree),
	    report);
	return -1;
}

int
sources_parse(struct sources *sources, struct report *report)
{
	int result = 0;
	size_t i;

	for (i = 0; i < sources->count; i++)
		if (parse(&sources->items[i], report) < 0)
			result = -1;
	return result;
}

static const config_setting_t *
find_value(const config_setting_t *group, const char *value)
{
	const config_setting_t *s, *found = NULL;
	int i;

	for (i = 0; i < config_setting_length(group) && !found; i++) {
		s = config_setting_get_elem(group, (unsigned)i);
		if (config_setting_is_aggregate(s))
			found = find_value(s, value);
		else if (config_setting_type(s) == CONFIG_TYPE_STRING &&
		    strcmp(config_setting_get_string(s), value) == 0)
			found = s;
	}
	return found;
}

const config_setting_t *
sources_find_string(const struct sources *sources, const char *value)
{
	const config_setting_t *found = NULL;
	size_t i;

	for (i = 0; i < sources->count && !found; i++)
		found = find_value(config_root_setting(&sources->items[i].tree),
		    value);
	return found;
}
