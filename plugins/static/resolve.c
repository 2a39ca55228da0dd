/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "static/resolve.h"

/* RESOLVE_BENEATH may fail by chance when a folder is moved at that moment. */
#define MAX_ATTEMPTS 8

/* Before Linux 5.12 the kernel cannot tell whether it would wait. */
static bool cannot_tell;

/* Takes a name off the path, "" behind a last slash. */
static int
take_name(const char **path, char name[NAME_MAX + 1])
{
	size_t length;

	*path += strspn(*path, "/");
	length = strcspn(*path, "/");
	if (length > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, *path, length);
	name[length] = '\0';
	*path += length;
	if (strcmp(name, "..") != 0)
		return 0;
	errno = EXDEV;
	return -1;
}

/* A link is opened for O_NOFOLLOW alone. */
static int
open_name(int folder, const char *name, int flags)
{
	int fd = openat(folder, *name != '\0' ? name : ".",
	    flags | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || (flags & O_NOFOLLOW) ||
	    (fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode)))
		return fd;
	close(fd);
	errno = ELOOP;
	return -1;
}

/* What openat2 does with RESOLVE_NO_SYMLINKS, where there is no such call: in
 * valgrind 3.19, or in a translator of system calls. It is slower and as safe,
 * since no name leads up, and none may be a link. */
static int
open_by_names(int folder, const char *path, int flags)
{
	int fd = fcntl(folder, F_DUPFD_CLOEXEC, 0), next, saved;
	char name[NAME_MAX + 1];

	while (fd >= 0) {
		next = take_name(&path, name) < 0 ?
		    -1 :
		    open_name(fd, name, *path != '\0' ? O_PATH : flags);
		saved = errno;
		close(fd);
		errno = saved;
		fd = next;
		if (*path == '\0')
			break;
	}
	return fd;
}

static int
open_how(int folder, const char *path, const struct open_how *how)
{
	int attempt, fd = -1;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		fd = (int)syscall(SYS_openat2, folder,
		    *path != '\0' ? path : ".", how, sizeof(*how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR) ||
		    (how->resolve & RESOLVE_CACHED))
			break;
	}
	return fd;
}

int
resolve_open(int folder, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd;

	if (folder < 0)
		return -1;
	if (cannot_tell)
		how.resolve &= ~(uint64_t)RESOLVE_CACHED;
	fd = open_how(folder, path, &how);
	if (fd < 0 && errno == EINVAL && (how.resolve & RESOLVE_CACHED)) {
		cannot_tell = true;
		how.resolve &= ~(uint64_t)RESOLVE_CACHED;
		fd = open_how(folder, path, &how);
	}
	if (fd < 0 && errno == ENOSYS && (resolve & RESOLVE_NO_SYMLINKS))
		return open_by_names(folder, path, flags);
	return fd;
}
