/* SPDX-License-Identifier: ISC */
#include "master/log_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/identity.h"
#include "base/log.h"

/* Cuts the last name off, and returns it; NULL for a name in "/". */
static char *
cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

/* -1: it is missing, a link leads to it, or others could put a folder there. */
static int
open_parent(const char *path)
{
	const struct open_how how = { .flags = O_RDONLY | O_DIRECTORY |
		    O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0 || geteuid() != 0 ||
	    (fstat(fd, &st) == 0 && st.st_uid == 0 &&
		!(st.st_mode & (S_IWGRP | S_IWOTH))))
		return fd;
	close(fd);
	return -1;
}

static bool
make(int parent, const char *name, const struct identity *user)
{
	bool ok = mkdirat(parent, name, 0750) == 0;
	int fd;

	if (!ok || geteuid() != 0)
		return ok;
	fd = openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	ok = fd >= 0 && fchown(fd, user->uid, user->gid) == 0;
	descriptor_close(fd);
	return ok;
}

bool
log_folder_make(const char *path, const struct identity *user, bool is_trial)
{
	char folder[PATH_MAX], parent[PATH_MAX], *name;
	struct stat st;
	bool ok = false;
	int fd;

	snprintf(folder, sizeof(folder), "%s", path);
	if (!cut_name(folder) || lstat(folder, &st) == 0 || errno != ENOENT)
		return false;
	snprintf(parent, sizeof(parent), "%s", folder);
	name = cut_name(parent);
	fd = name ? open_parent(parent) : -1;
	if (fd >= 0 && is_trial)
		ok = faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0;
	else if (fd >= 0 && (ok = make(fd, name, user)))
		log_info("making the folder %s of a log", folder);
	descriptor_close(fd);
	return ok;
}
