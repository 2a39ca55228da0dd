/*
 * A path is walked one name at a time, each folder held open and looked at
 * before a name in it is used. Nobody who could change the folder between the
 * look and the use gets past the look, so links can be followed: they are the
 * administrator's.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/identity.h"
#include "base/log.h"

/* As many as the kernel follows (path_resolution(7)). */
#define LINKS_MAX 40

/* O_NONBLOCK: a pipe, and some devices, would wait for the other side. */
#define OPEN_FLAGS (O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

struct walk {
	const char *what, *path;     /* for messages */
	const struct identity *user; /* NULL: whoever may write */
	int folder;		     /* O_PATH */
	struct stat st;		     /* of folder */
	char name[NAME_MAX + 1];     /* in folder */
	char rest[PATH_MAX];	     /* behind name */
	unsigned links;
	int standard; /* it is that descriptor; -1: a file */
};

static int
fail(const struct walk *w)
{
	log_error("cannot open the %s %s: %s", w->what, w->path,
	    strerror(errno));
	return -1;
}

static bool
is_in_group(const struct identity *user, gid_t gid)
{
	size_t i;

	for (i = 0; i < user->group_count; i++)
		if (user->groups[i] == gid)
			return true;
	return user->gid == gid;
}

/* Whether others than root may put names there. */
static bool
is_open_to_others(const struct walk *w)
{
	const struct stat *st = &w->st;

	return w->user &&
	    (st->st_uid != 0 || (st->st_mode & S_IWOTH) ||
		((st->st_mode & S_IWGRP) && is_in_group(w->user, st->st_gid)));
}

static int
refuse(const struct walk *w)
{
	char link[32], folder[PATH_MAX] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", w->folder);
	if (readlink(link, folder, sizeof(folder) - 1) < 0)
		strcpy(folder, "its folder");
	log_error(
	    "cannot open the %s %s: found %s with owner %ju, group %ju "
	    "and mode %04o, where others than root could put a link; possible: "
	    "a folder of root's that only root may write to (chown root, "
	    "chmod go-w)",
	    w->what, w->path, folder, (uintmax_t)w->st.st_uid,
	    (uintmax_t)w->st.st_gid, (unsigned)(w->st.st_mode & 07777));
	return -1;
}

/* Takes the descriptor over. */
static int
enter(struct walk *w, int folder)
{
	if (w->folder >= 0)
		close(w->folder);
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

/* The next name; "" past the last. */
static int
take_name(struct walk *w)
{
	const char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");

	if (length > NAME_MAX) {
		errno = ENAMETOOLONG;
		return fail(w);
	}
	memcpy(w->name, start, length);
	w->name[length] = '\0';
	start += length;
	start += strspn(start, "/");
	memmove(w->rest, start, strlen(start) + 1);
	return 0;
}

/* The descriptor that goes by that name, or -1. What is behind it may be a
 * socket, which has no path that open(2) would open. */
static int
standard_of(const char *path)
{
	static const char *const names[][3] = {
		{ "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1" },
		{ "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2" },
	};
	size_t i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < 3; j++)
			if (strcmp(path, names[i][j]) == 0)
				return STDOUT_FILENO + (int)i;
	return strcmp(path, "-") == 0 ? STDOUT_FILENO : -1;
}

/* Puts what a link says in front of the rest. As step. */
static int
follow(struct walk *w, int link)
{
	char target[PATH_MAX];
	size_t rest = strlen(w->rest), length;
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n < 0)
		return fail(w);
	length = (size_t)n;
	target[length] = '\0';
	if (++w->links > LINKS_MAX || length + rest + 2 > sizeof(w->rest)) {
		errno = ELOOP;
		return fail(w);
	}
	if (rest == 0 && (w->standard = standard_of(target)) >= 0)
		return 1;
	memmove(w->rest + length + 1, w->rest, rest + 1);
	memcpy(w->rest, target, length);
	/* In place of the end: a link to a file may not turn into a folder. */
	w->rest[length] = rest > 0 ? '/' : '\0';
	return target[0] == '/' ? enter_root(w) : 0;
}

/* With what the name stands for: 1 when that is to be opened, 0 when there is
 * more to walk, -1 after logging. */
static int
step(struct walk *w, int entry)
{
	bool is_last = w->rest[0] == '\0';
	struct stat st;

	if (fstat(entry, &st) < 0)
		return fail(w);
	/* In a folder like /tmp what is root's can be neither removed nor
	 * renamed by others. What is to be opened could be put there first. */
	if (is_open_to_others(w) &&
	    (is_last || st.st_uid != 0 || w->st.st_uid != 0 ||
		!(w->st.st_mode & S_ISVTX)))
		return refuse(w);
	if (S_ISLNK(st.st_mode))
		return follow(w, entry);
	return is_last ? 1 : enter(w, fcntl(entry, F_DUPFD_CLOEXEC, 0));
}

/* To the folder and the name of what is to be opened. */
static int
walk(struct walk *w)
{
	int entry, result;

	if (enter_root(w) < 0)
		return -1;
	do {
		if (take_name(w) < 0)
			return -1;
		entry = openat(w->folder, w->name,
		    O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (entry < 0 && errno == ENOENT && w->name[0] != '\0' &&
		    w->rest[0] == '\0')
			return is_open_to_others(w) ? refuse(w) : 0;
		if (entry < 0)
			return fail(w);
		result = step(w, entry);
		close(entry);
	} while (result == 0);
	return result < 0 ? -1 : 0;
}

/*
 * A pipe that nobody reads cannot be opened for writing alone (ENXIO), so it is
 * read for that moment. What is written later without a reader is an error
 * (EPIPE) until one comes.
 */
static int
open_entry(const struct walk *w)
{
	int fd, reader;

	fd = openat(w->folder, w->name, OPEN_FLAGS | O_CREAT | O_NOFOLLOW,
	    0640);
	if (fd >= 0 || errno != ENXIO)
		return fd;
	reader = openat(w->folder, w->name,
	    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	if (reader < 0)
		return -1;
	fd = openat(w->folder, w->name, OPEN_FLAGS | O_NOFOLLOW);
	close(reader);
	return fd;
}

/* With a description of its own where there may be one that does not block: a
 * pipe's inode belongs to whoever made it, and opens to him and to root. */
static int
open_standard(int standard)
{
	char path[32];
	struct stat st;
	int fd = -1;

	if (fstat(standard, &st) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", standard);
	if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		fd = open(path, OPEN_FLAGS);
	return fd >= 0 ? fd : fcntl(standard, F_DUPFD_CLOEXEC, 3);
}

static int
open_log(const char *what, const char *path, const struct identity *user)
{
	struct walk w = { .what = what,
		.path = path,
		.folder = -1,
		.user = geteuid() == 0 ? user : NULL,
		.standard = standard_of(path) };
	int fd = -1;

	if (strlen(path) >= sizeof(w.rest)) {
		errno = ENAMETOOLONG;
		return fail(&w);
	}
	strcpy(w.rest, path);
	if (w.standard >= 0 || walk(&w) == 0) {
		fd = w.standard >= 0 ? open_standard(w.standard) :
				       open_entry(&w);
		if (fd < 0)
			fail(&w);
	}
	if (w.folder >= 0)
		close(w.folder);
	return fd;
}

int
logfile_open_access(const char *path, const struct identity *user)
{
	return open_log("access log", path, user);
}

int
logfile_open_error(const char *path, const struct identity *user)
{
	int fd = open_log("error log", path, user);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)))
		return fd;
	log_error(
	    "cannot use the error log %s: found what is no file; "
	    "possible: the path of a file, or \"stderr\" with a pipe there",
	    path);
	close(fd);
	return -1;
}
