/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "static/base.h"
#include "static/beneath.h"
#include "static/resolve.h"

/* The number of links that the kernel follows in one path
 * (path_resolution(7)). */
#define MAX_LINKS 40

/* The state of resolving a path. done has neither links nor "..". */
struct walk {
	const struct beneath *beneath;
	bool must_not_wait;
	struct base *base;
	char done[PATH_MAX]; /* beneath the base; "" is the base */
	char todo[PATH_MAX];
	int links;
};

/* Opens beneath a base, without a wait if it must not wait. What is in memory alone
 * never waits, and a name that is absent there would look as if it did. */
static int
open_in(struct base *base, const char *path, int flags, uint64_t resolve,
    bool must_not_wait)
{
	if (must_not_wait && base->medium == BASE_REMOTE) {
		errno = EAGAIN;
		return -1;
	}
	if (must_not_wait && base->medium == BASE_DISK)
		resolve |= RESOLVE_CACHED;
	return resolve_open(base_folder(base), path, flags, resolve);
}

/*
 * The part of the absolute path beneath the folder; NULL when the path is not
 * beneath it. Repeated slashes and "." do not count. ".." equals no name of a
 * folder, so a path with it is not beneath.
 */
static const char *
path_after(const char *folder, const char *path)
{
	size_t length;

	for (;;) {
		folder += strspn(folder, "/");
		path += strspn(path, "/");
		if (path[0] == '.' && (path[1] == '/' || path[1] == '\0')) {
			path++;
			continue;
		}
		if (*folder == '\0')
			return path;
		length = strcspn(folder, "/");
		if (strncmp(folder, path, length) != 0 ||
		    (path[length] != '/' && path[length] != '\0'))
			return NULL;
		folder += length;
		path += length;
	}
}

/* Puts text and a slash before todo. */
static int
prepend(struct walk *walk, const char *text)
{
	size_t length = strlen(text), rest = strlen(walk->todo);

	if (length + 1 + rest >= sizeof(walk->todo)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memmove(walk->todo + length + 1, walk->todo, rest + 1);
	memcpy(walk->todo, text, length);
	walk->todo[length] = '/';
	return 0;
}

/* Goes on from the base that has the absolute path in todo; -1 and EXDEV when
 * no base has it. */
static int
enter_base(struct walk *walk)
{
	const char *rest;
	size_t i;

	for (i = 0; i < walk->beneath->count; i++) {
		struct base *base = walk->beneath->bases[i];

		rest = path_after(base->real, walk->todo);
		if (!rest)
			rest = path_after(base->named, walk->todo);
		if (!rest)
			continue;
		memmove(walk->todo, rest, strlen(rest) + 1);
		walk->base = base;
		walk->done[0] = '\0';
		return 0;
	}
	errno = EXDEV;
	return -1;
}

/* Removes the last name of a path; "/" becomes "". */
static void
cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/* Removes octets from the beginning of todo. */
static void
drop(struct walk *walk, size_t length)
{
	memmove(walk->todo, walk->todo + length,
	    strlen(walk->todo + length) + 1);
}

/* ".." at the base itself: todo continues from the parent of the base. The path
 * of the base has no links, so the parent's path is a part of its text. */
static int
climb_out(struct walk *walk)
{
	char parent[PATH_MAX];

	strcpy(parent, walk->base->real); /* also PATH_MAX at most */
	cut_name(parent);
	drop(walk, strspn(walk->todo, "/"));
	while (strncmp(walk->todo, "../", 3) == 0) {
		cut_name(parent);
		drop(walk, 2);
		drop(walk, strspn(walk->todo, "/"));
	}
	if (prepend(walk, parent) < 0)
		return -1;
	return enter_base(walk);
}

/* Resolves "..". */
static int
step_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	if (walk->done[0] == '\0')
		return climb_out(walk);
	if (!slash)
		slash = walk->done;
	*slash = '\0';
	return 0;
}

/* Replaces the link at the end of done by its text. */
static int
follow_link(struct walk *walk, int fd)
{
	char text[PATH_MAX];
	ssize_t length = readlinkat(fd, "", text, sizeof(text) - 1);

	if (length < 0)
		return -1;
	text[length] = '\0';
	if (++walk->links > MAX_LINKS || !walk->beneath->follow) {
		errno = ELOOP;
		return -1;
	}
	if (step_up(walk) < 0 || prepend(walk, text) < 0)
		return -1;
	return text[0] == '/' ? enter_base(walk) : 0;
}

/* Moves a name of length octets from todo to done; a link is followed. */
static int
step_down(struct walk *walk, size_t length)
{
	size_t at = strlen(walk->done);
	struct stat st;
	int fd, result = 0;

	if (at + 1 + length >= sizeof(walk->done)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (at > 0)
		walk->done[at++] = '/';
	memcpy(walk->done + at, walk->todo, length);
	walk->done[at + length] = '\0';
	drop(walk, length);

	fd = open_in(walk->base, walk->done, O_PATH | O_NOFOLLOW,
	    RESOLVE_NO_SYMLINKS, walk->must_not_wait);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		result = -1;
	else if (S_ISLNK(st.st_mode))
		result = follow_link(walk, fd);
	close(fd);
	return result;
}

/* Resolves the path here, then opens the result beneath its base, without
 * links: so a change of the disk meanwhile cannot lead outside. */
static int
open_walking(const struct beneath *beneath, const char *path, int flags,
    bool must_not_wait)
{
	struct walk walk = { .beneath = beneath,
		.must_not_wait = must_not_wait,
		.base = beneath->bases[0] };
	size_t length;
	int result = 0;

	if (strlen(path) >= sizeof(walk.todo)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(walk.todo, path);
	while (result == 0) {
		drop(&walk, strspn(walk.todo, "/"));
		length = strcspn(walk.todo, "/");
		if (length == 0)
			break;
		if (strncmp(walk.todo, "..", length) != 0 || length > 2) {
			result = step_down(&walk, length);
			continue;
		}
		drop(&walk, length);
		if (length == 2)
			result = step_up(&walk);
	}
	if (result < 0)
		return -1;
	return open_in(walk.base, walk.done, flags, RESOLVE_NO_SYMLINKS,
	    must_not_wait);
}

int
beneath_try(const struct base *base)
{
	int fd = resolve_open(base->fd, ".", O_PATH, RESOLVE_NO_SYMLINKS);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* Not strspn(3): its code is in a page of libc that a new process has not
 * touched yet, and most paths have one slash. */
static const char *
without_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

static int
open_beneath(const struct beneath *beneath, const char *path, int flags,
    bool must_not_wait)
{
	int fd;

	path = without_slashes(path);
	fd = open_in(beneath->bases[0], path, flags,
	    beneath->follow ? 0 : RESOLVE_NO_SYMLINKS, must_not_wait);
	if (fd >= 0 || !beneath->follow || (errno != EXDEV && errno != ENOSYS))
		return fd;
	return open_walking(beneath, path, flags, must_not_wait);
}

int
beneath_open(const struct beneath *beneath, const char *path, int flags)
{
	return open_beneath(beneath, path, flags, false);
}

int
beneath_open_at_once(const struct beneath *beneath, const char *path, int flags)
{
	return open_beneath(beneath, path, flags, true);
}

/* For a single name, which cannot lead elsewhere when links are not followed,
 * one call suffices. A file server on another machine is asked again. */
static int
stat_name(int folder, const char *name, int flags, struct stat *st)
{
	struct statx x;

	if (statx(folder, name,
		flags | AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC,
		STATX_BASIC_STATS, &x) < 0)
		return -1;
	*st = (struct stat){
		.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		.st_ino = x.stx_ino,
		.st_mode = x.stx_mode,
		.st_size = (off_t)x.stx_size,
		.st_mtim = { x.stx_mtime.tv_sec, x.stx_mtime.tv_nsec },
		.st_ctim = { x.stx_ctime.tv_sec, x.stx_ctime.tv_nsec },
	};
	return 0;
}

/* Gives the status of the folder of a path that has one slash. */
static int
stat_folder(int base, const char *path, struct stat *st)
{
	const char *slash = strchr(path, '/');
	char name[NAME_MAX + 1];

	if (!slash || strchr(slash + 1, '/') ||
	    (size_t)(slash - path) >= sizeof(name))
		return -1;
	memcpy(name, path, (size_t)(slash - path));
	name[slash - path] = '\0';
	return stat_name(base, name, 0, st);
}

void
beneath_find_folder(const struct beneath *beneath, const char *path,
    struct beneath_folder *folder)
{
	const int base = base_folder(beneath->bases[0]);
	struct stat st;

	*folder = (struct beneath_folder){ .ino = 0 };
	if (base < 0 || stat_folder(base, without_slashes(path), &st) < 0 ||
	    !S_ISDIR(st.st_mode))
		return;
	folder->dev = st.st_dev;
	folder->ino = st.st_ino;
}

/* Two calls suffice: the name is that of the folder still, and so of no link, and
 * a file that came into the folder since then would have another st_ctim. */
static int
stat_in_folder(int base, const char *path, const struct beneath_folder *folder,
    struct stat *st)
{
	if (stat_folder(base, path, st) < 0)
		return -1;
	if (st->st_dev != folder->dev || st->st_ino != folder->ino) {
		errno = ESTALE;
		return -1;
	}
	return stat_name(base, path, 0, st);
}

int
beneath_stat(const struct beneath *beneath, const char *path,
    const struct beneath_folder *folder, struct stat *st)
{
	const int base = base_folder(beneath->bases[0]);
	int fd, result;

	path = without_slashes(path);
	if (base < 0)
		return -1;
	if (folder->ino != 0)
		return stat_in_folder(base, path, folder, st);
	if (*path != '\0' && !strchr(path, '/'))
		return stat_name(base, path, 0, st);
	/* statx would follow links on the way: a folder may have been moved
	 * away, and a link to it left. */
	fd = resolve_open(base, path, O_PATH, RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return -1;
	result = stat_name(fd, "", AT_EMPTY_PATH, st);
	close(fd);
	return result;
}
