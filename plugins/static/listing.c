/*
 * Listings: reads a folder, and writes JSON. listing_page.c writes the page.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <prong/handler.h>

#include "shared/escape.h"
#include "static/beneath.h"
#include "static/listing.h"

/* A bound, because a listing lies in memory; a longer page is of no use. */
#define MAX_ENTRIES 100000

/* To read more, and to sort them, takes a process of its own. */
#define MAX_SHARED_ENTRIES 1000

/* Follows a link as a request for its path would. */
static int
stat_link(const struct listing_folder *folder, const char *name,
    struct stat *st)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	int fd, result;

	if (length < 0 || (size_t)length >= sizeof(path))
		return -1;
	fd = beneath_open(folder->beneath, path, O_PATH);
	if (fd < 0)
		return -1;
	result = fstat(fd, st);
	close(fd);
	return result;
}

static bool
is_listed(const struct listing_folder *folder, DIR *dir, const char *name,
    struct stat *st)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	if ((name[0] == '.' && !folder->dot_files) ||
	    !escape_is_path_name(name))
		return false;
	if (fstatat(dirfd(dir), name, st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISLNK(st->st_mode) && stat_link(folder, name, st) < 0)
		return false;
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

/* Appends an entry; -1 when there is no memory. */
static int
append(struct listing *listing, size_t *room, struct prong_request *request,
    const char *name, const struct stat *st)
{
	struct listing_entry *entries, *entry;
	size_t size = strlen(name) + 1;
	char *copy;

	if (listing->count == *room) {
		*room = *room > 0 ? 2 * *room : 64;
		entries = prong_alloc(request, *room * sizeof(*entries));
		if (!entries)
			return -1;
		if (listing->count > 0)
			memcpy(entries, listing->entries,
			    listing->count * sizeof(*entries));
		listing->entries = entries;
	}
	copy = prong_alloc(request, size);
	if (!copy)
		return -1;
	entry = &listing->entries[listing->count++];
	entry->name = memcpy(copy, name, size);
	entry->is_folder = S_ISDIR(st->st_mode);
	entry->size = entry->is_folder ? 0 : st->st_size;
	entry->modified = st->st_mtim.tv_sec;
	return 0;
}

int
listing_read(struct listing *listing, struct prong_request *request,
    const struct listing_folder *folder, int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	struct stat st;
	size_t room = 0;
	int error = 0;

	if (!dir) {
		close(fd);
		return -1;
	}
	*listing = (struct listing){ 0 };
	while (error == 0 && (errno = 0, entry = readdir(dir))) {
		if (!is_listed(folder, dir, entry->d_name, &st))
			continue;
		if (listing->count == MAX_ENTRIES) {
			listing->cut = true;
			break;
		}
		if (listing->count == MAX_SHARED_ENTRIES &&
		    prong_may_move(request)) {
			error = EAGAIN;
			break;
		}
		if (append(listing, &room, request, entry->d_name, &st) < 0)
			error = ENOMEM;
	}
	if (error == 0 && !entry)
		error = errno;
	closedir(dir);
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
write_json_entry(struct prong_request *request,
    const struct listing_entry *entry)
{
	char href[3 * (NAME_MAX + 1) + 1], when[sizeof("2000-01-01T00:00:00Z")];
	struct tm tm = { 0 };
	time_t modified = (time_t)entry->modified;

	gmtime_r(&modified, &tm);
	if (strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		when[0] = '\0';
	escape_path(href, entry->name);
	if (prong_print(request, "{\"name\":") < 0 ||
	    escape_json(request, entry->name) < 0)
		return -1;
	if (prong_printf(request,
		",\"href\":\"./%s%s\",\"type\":\"%s\","
		"\"mtime\":\"%s\"",
		href, entry->is_folder ? "/" : "",
		entry->is_folder ? "directory" : "file", when) < 0)
		return -1;
	if (!entry->is_folder &&
	    prong_printf(request, ",\"size\":%" PRId64, entry->size) < 0)
		return -1;
	return prong_print(request, "}");
}

int
listing_write_json(struct prong_request *request, const struct listing *listing)
{
	size_t i;

	if (prong_print(request, "[") < 0)
		return -1;
	for (i = 0; i < listing->count; i++)
		if (prong_print(request, i > 0 ? ",\n" : "\n") < 0 ||
		    write_json_entry(request, &listing->entries[i]) < 0)
			return -1;
	return prong_print(request, "\n]\n");
}
