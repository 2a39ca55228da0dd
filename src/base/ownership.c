/* SPDX-License-Identifier: ISC */
#include "base/ownership.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/path_walk.h"

struct search {
	struct path_walk walk;
	const char *path; /* for messages */
	char *text;
};

static bool
is_owned(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

bool
ownership_is_ours(const struct stat *st)
{
	return is_owned(st) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void
ownership_describe(char *text, size_t size, const char *path,
    const struct stat *st)
{
	char or_own[32] = "";

	if (geteuid() != 0)
		snprintf(or_own, sizeof(or_own), " or %ju",
		    (uintmax_t)geteuid());
	snprintf(text, size,
	    "found %s with owner %ju and mode %04o; possible: owner 0%s, "
	    "and writable by nobody else (chown, chmod go-w)",
	    path, (uintmax_t)st->st_uid, (unsigned)(st->st_mode & 07777),
	    or_own);
}

/* Any step returns -1 after one of these. */

static int
fail(const struct search *s)
{
	snprintf(s->text, OWNERSHIP_TEXT_BYTES, "%s: %s", s->path,
	    strerror(errno));
	return -1;
}

static int
refuse(const struct search *s, const char *path, const struct stat *st)
{
	ownership_describe(s->text, OWNERSHIP_TEXT_BYTES, path, st);
	errno = EPERM;
	return -1;
}

/* In a folder like /tmp other users can neither remove nor rename what is ours.
 * But they could put there what is to be executed, or a link. */
static bool
is_safe(const struct stat *folder, const struct stat *entry)
{
	return ownership_is_ours(folder) ||
	    (is_owned(folder) && (folder->st_mode & S_ISVTX) &&
		S_ISDIR(entry->st_mode) && is_owned(entry));
}

static int
follow(struct search *s, int link)
{
	char target[PATH_MAX];

	if (path_walk_read_link(link, target) < 0 ||
	    path_walk_follow(&s->walk, target) < 0)
		return fail(s);
	return 0;
}

static int
check_file(const struct search *s, const struct stat *st)
{
	char path[PATH_MAX];

	if (!S_ISREG(st->st_mode)) {
		snprintf(s->text, OWNERSHIP_TEXT_BYTES,
		    "%s: found what is no regular file", s->path);
		errno = EACCES;
		return -1;
	}
	if (ownership_is_ours(st))
		return 1;
	path_walk_where(&s->walk, path);
	strncat(path, "/", sizeof(path) - strlen(path) - 1);
	strncat(path, s->walk.name, sizeof(path) - strlen(path) - 1);
	return refuse(s, path, st);
}

/* On to the entry: 1 when it is the file, 0 when there is more to walk. */
static int
step(struct search *s, int entry)
{
	char folder[PATH_MAX];
	struct stat st;

	if (fstat(entry, &st) < 0)
		return fail(s);
	if (!is_safe(&s->walk.st, &st))
		return refuse(s, path_walk_where(&s->walk, folder),
		    &s->walk.st);
	if (S_ISLNK(st.st_mode))
		return follow(s, entry);
	if (path_walk_is_last(&s->walk))
		return check_file(s, &st);
	return path_walk_enter(&s->walk, entry) < 0 ? fail(s) : 0;
}

/* The descriptor of the file. */
static int
walk(struct search *s)
{
	int entry, result;

	if (path_walk_begin(&s->walk, s->path) < 0)
		return fail(s);
	for (;;) {
		entry = path_walk_next(&s->walk);
		if (entry < 0)
			return fail(s);
		result = step(s, entry);
		if (result > 0)
			return entry;
		descriptor_close(entry);
		if (result < 0)
			return -1;
	}
}

int
ownership_open(const char *path, char text[OWNERSHIP_TEXT_BYTES])
{
	struct search s = { .path = path, .text = text };
	int fd = walk(&s);

	path_walk_end(&s.walk);
	return fd;
}
