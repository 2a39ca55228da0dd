/*
 * A path is walked one name at a time. Each folder is held open and checked before
 * a name in it is used, so nobody else can change the folder in between.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/ownership.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"

/* As many as the kernel follows (path_resolution(7)). */
#define LINKS_MAX 40

struct walk {
	int folder;	     /* O_PATH; -1: none yet */
	struct stat st;	     /* of the folder */
	char rest[PATH_MAX]; /* that is still to be walked */
	unsigned links;
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
	snprintf(text, size,
	    "found %s with owner %ju and mode %04o; possible: owner 0 or %ju, "
	    "and writable by nobody else (chown, chmod go-w)",
	    path, (uintmax_t)st->st_uid, (unsigned)(st->st_mode & 07777),
	    (uintmax_t)geteuid());
}

/* Any step returns -1 after one of these. */

static int
fail(const struct walk *w)
{
	snprintf(w->text, OWNERSHIP_TEXT_BYTES, "%s: %s", w->path,
	    strerror(errno));
	return -1;
}

static int
refuse(const struct walk *w, int fd, const struct stat *st)
{
	char own[32], path[PATH_MAX];
	ssize_t n;

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	n = readlink(own, path, sizeof(path) - 1);
	if (n >= 0)
		path[n] = '\0';
	ownership_describe(w->text, OWNERSHIP_TEXT_BYTES,
	    n >= 0 ? path : w->path, st);
	errno = EPERM;
	return -1;
}

/* Takes the descriptor over. */
static int
enter(struct walk *w, int folder)
{
	descriptor_close(w->folder);
	w->folder = folder;
	if (folder < 0 || fstat(folder, &w->st) < 0)
		return fail(w);
	return 0;
}

static int
enter_root(struct walk *w)
{
	return enter(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Opens the next name; *is_last: it is the last one. */
static int
take_entry(struct walk *w, bool *is_last)
{
	char name[NAME_MAX + 1];
	const char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");
	int entry;

	if (length > NAME_MAX) {
		errno = ENAMETOOLONG;
		return fail(w);
	}
	memcpy(name, start, length);
	name[length] = '\0';
	*is_last = start[length] == '\0';
	memmove(w->rest, start + length, strlen(start + length) + 1);
	entry = openat(w->folder, length > 0 ? name : ".",
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return entry < 0 ? fail(w) : entry;
}

/* In a folder like /tmp other users can neither remove nor rename what is ours.
 * But they could put there what is to be executed, or a link. */
static bool
is_safe(const struct walk *w, const struct stat *entry)
{
	return ownership_is_ours(&w->st) ||
	    (is_owned(&w->st) && (w->st.st_mode & S_ISVTX) &&
		S_ISDIR(entry->st_mode) && is_owned(entry));
}

/* Puts the target of a link before the rest. */
static int
follow(struct walk *w, int link)
{
	char target[PATH_MAX];
	size_t rest = strlen(w->rest), length;
	ssize_t n = readlinkat(link, "", target, sizeof(target));

	if (n < 0)
		return fail(w);
	length = (size_t)n;
	if (++w->links > LINKS_MAX || length + rest + 1 > sizeof(w->rest)) {
		errno = ELOOP;
		return fail(w);
	}
	memmove(w->rest + length, w->rest, rest + 1);
	memcpy(w->rest, target, length);
	return target[0] == '/' ? enter_root(w) : 0;
}

static int
check_file(const struct walk *w, int fd, const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		snprintf(w->text, OWNERSHIP_TEXT_BYTES,
		    "%s: found what is no regular file", w->path);
		errno = EACCES;
		return -1;
	}
	return ownership_is_ours(st) ? 1 : refuse(w, fd, st);
}

/* On to the entry: 1 when it is the file, 0 when there is more to walk. */
static int
step(struct walk *w, int entry, bool is_last)
{
	struct stat st;

	if (fstat(entry, &st) < 0)
		return fail(w);
	if (!is_safe(w, &st))
		return refuse(w, w->folder, &w->st);
	if (S_ISLNK(st.st_mode))
		return follow(w, entry);
	if (is_last)
		return check_file(w, entry, &st);
	return enter(w, fcntl(entry, F_DUPFD_CLOEXEC, 0));
}

/* The descriptor of the file. */
static int
walk(struct walk *w)
{
	int entry, result;
	bool is_last;

	if (enter_root(w) < 0)
		return -1;
	for (;;) {
		entry = take_entry(w, &is_last);
		if (entry < 0)
			return -1;
		result = step(w, entry, is_last);
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
	struct walk w = { .folder = -1, .path = path, .text = text };
	int fd, saved;

	if (strlen(path) >= sizeof(w.rest)) {
		errno = ENAMETOOLONG;
		return fail(&w);
	}
	strcpy(w.rest, path);
	fd = walk(&w);
	saved = errno;
	descriptor_close(w.folder);
	errno = saved;
	return fd;
}
