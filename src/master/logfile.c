/* SPDX-License-Identifier: ISC */
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

#include "base/descriptor.h"
#include "base/identity.h"
#include "base/log.h"
#include "base/path_walk.h"
#include "master/log_folder.h"
#include "sandbox/privilege.h"

/* O_NONBLOCK: a pipe, and some devices, would wait for the other side. */
#define OPEN_FLAGS (O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* Of open_log: the folder is missing, and would be made. */
#define TRIAL_PASSED (-2)

struct search {
	struct path_walk walk;
	const char *what, *path;     /* for messages */
	const struct identity *user; /* NULL: whoever may write */
	const struct identity *as;   /* NULL: with the rights of the master */
	bool is_users;		     /* a folder on the way is that user's */
	bool is_trial;		     /* nothing is made */
	int standard;		     /* it is that descriptor; -1: a file */
};

static int
fail(const struct search *s)
{
	const char *cure = errno == ENOENT ?
	    "; possible: a path of which at most the last folder is missing" :
	    "";

	if (s->as)
		log_error("cannot open the %s %s as the user \"%s\", whom a "
			  "folder of this path belongs to: %s%s",
		    s->what, s->path, s->as->name, strerror(errno), cure);
	else
		log_error("cannot open the %s %s: %s%s", s->what, s->path,
		    strerror(errno), cure);
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

/* Whether root and the user of the service may put names there, and nobody
 * else. */
static bool
is_of_user(const struct search *s)
{
	const struct stat *st = &s->walk.st;

	return s->user && st->st_uid == s->user->uid &&
	    !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Whether others than root may put names there. Only they could put a link there,
 * so the links that are followed are the administrator's. */
static bool
is_open_to_others(const struct search *s)
{
	const struct stat *st = &s->walk.st;

	return s->user && !is_of_user(s) &&
	    (st->st_uid != 0 || (st->st_mode & S_IWOTH) ||
		((st->st_mode & S_IWGRP) && is_in_group(s->user, st->st_gid)));
}

static int
refuse(const struct search *s)
{
	const struct stat *st = &s->walk.st;
	char folder[PATH_MAX];

	log_error(
	    "cannot open the %s %s: found %s with owner %ju, group %ju "
	    "and mode %04o, where others than root could put a link; possible: "
	    "a folder of root's or of the server's user, that only its owner "
	    "may write to (chown root, chmod go-w)",
	    s->what, s->path, path_walk_where(&s->walk, folder),
	    (uintmax_t)st->st_uid, (uintmax_t)st->st_gid,
	    (unsigned)(st->st_mode & 07777));
	return -1;
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

/* As step. */
static int
follow(struct search *s, int link)
{
	char target[PATH_MAX];

	if (path_walk_read_link(link, target) < 0)
		return fail(s);
	if (path_walk_is_last(&s->walk) &&
	    (s->standard = standard_of(target)) >= 0)
		return 1;
	return path_walk_follow(&s->walk, target) < 0 ? fail(s) : 0;
}

/* With what the name stands for: 1 when that is to be opened, 0 when there is
 * more to walk, -1 after logging. */
static int
step(struct search *s, int entry)
{
	bool is_last = path_walk_is_last(&s->walk);
	struct stat st;

	if (fstat(entry, &st) < 0)
		return fail(s);
	/* In a folder like /tmp what is root's can be neither removed nor
	 * renamed by others. What is to be opened could be put there first. */
	if (is_open_to_others(s) &&
	    (is_last || st.st_uid != 0 || s->walk.st.st_uid != 0 ||
		!(s->walk.st.st_mode & S_ISVTX)))
		return refuse(s);
	if (S_ISLNK(st.st_mode))
		return follow(s, entry);
	if (is_last)
		return 1;
	return path_walk_enter(&s->walk, entry) < 0 ? fail(s) : 0;
}

/* To the folder and the name of what is to be opened, or to a folder of the user
 * of the service: root may have no right to look into it (root.conf). */
static int
walk(struct search *s)
{
	int entry, result;

	if (path_walk_begin(&s->walk, s->path) < 0)
		return fail(s);
	do {
		if (!s->as && is_of_user(s)) {
			s->is_users = true;
			return 0;
		}
		entry = path_walk_next(&s->walk);
		if (entry < 0 && errno == ENOENT && s->walk.name[0] != '\0' &&
		    path_walk_is_last(&s->walk))
			return is_open_to_others(s) ? refuse(s) : 0;
		if (entry < 0)
			return fail(s);
		result = step(s, entry);
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
open_entry(const struct path_walk *w)
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

/* What would be there after open_entry: the file, or its folder. */
static int
try_entry(const struct path_walk *w)
{
	int fd = openat(w->folder, w->name, OPEN_FLAGS | O_NOFOLLOW);

	if (fd >= 0 || (errno != ENOENT && errno != ENXIO))
		return fd;
	if (errno == ENOENT &&
	    faccessat(w->folder, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return -1;
	return fcntl(w->folder, F_DUPFD_CLOEXEC, 3);
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
open_found(const struct search *s)
{
	int fd;

	if (s->standard >= 0)
		fd = open_standard(s->standard);
	else
		fd = s->is_trial ? try_entry(&s->walk) : open_entry(&s->walk);
	return fd < 0 ? fail(s) : fd;
}

/* All the way anew, with the rights of the user of the service. */
static int
open_as_user(struct search *s)
{
	struct privilege_kept kept;
	int fd;

	path_walk_end(&s->walk);
	if (privilege_lower(s->user, &kept) < 0)
		return -1;
	s->as = s->user;
	fd = walk(s) < 0 ? -1 : open_found(s);
	if (privilege_raise(&kept) == 0)
		return fd;
	descriptor_close(fd);
	return -1;
}

static int
open_log(const char *what, const char *path, const struct identity *user,
    bool is_trial)
{
	struct search s = { .walk.folder = -1,
		.what = what,
		.path = path,
		.user = identity_is_root() ? user : NULL,
		.standard = standard_of(path),
		.is_trial = is_trial };
	int fd = -1;

	if (s.standard < 0 && log_folder_make(path, user, is_trial) && is_trial)
		return TRIAL_PASSED;
	if (s.standard >= 0 || walk(&s) == 0)
		fd = s.standard < 0 && s.is_users ? open_as_user(&s) :
						    open_found(&s);
	path_walk_end(&s.walk);
	return fd;
}

int
logfile_open_access(const char *path, const struct identity *user)
{
	return open_log("access log", path, user, false);
}

int
logfile_open_error(const char *path, const struct identity *user)
{
	int fd = open_log("error log", path, user, false);
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

int
logfile_try(const char *what, const char *path, const struct identity *user)
{
	int fd = open_log(what, path, user, true);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || fd == TRIAL_PASSED ? 0 : -1;
}
