/* SPDX-License-Identifier: ISC */
#include "master/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"

#define PATH_BYTES (sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1)

/* asm-generic/socket.h since Linux 6.16. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

void
unix_socket_refuse_descriptors(int fd)
{
	static const int off = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off)) < 0)
		log_debug("setsockopt(%d, SO_PASSRIGHTS) = %s", fd,
		    strerror(errno));
}

const char *
unix_socket_path(const struct sockaddr *address)
{
	if (address->sa_family != AF_UNIX)
		return NULL;
	return ((const struct sockaddr_un *)(const void *)address)->sun_path;
}

bool
unix_socket_make_folder(const char *path)
{
	char folder[PATH_BYTES];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return true;
	*slash = '\0';
	if (mkdir(folder, 0755) == 0 || errno == EEXIST)
		return true;
	return errno == ENOENT && unix_socket_make_folder(folder) &&
	    mkdir(folder, 0755) == 0;
}

/* Whether a connection is refused. False and errno. */
static bool
is_refused(const struct sockaddr *address, socklen_t length, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool refused;

	if (fd < 0)
		return false;
	refused = connect(fd, address, length) < 0 && errno == ECONNREFUSED;
	close(fd);
	errno = EADDRINUSE;
	return refused;
}

/* Cuts the last name off an absolute path. False for "/". */
static bool
cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash[1] == '\0')
		return false;
	slash[slash == path] = '\0';
	return true;
}

int
unix_socket_try(const char *path)
{
	char folder[PATH_BYTES];
	struct stat st;

	if (lstat(path, &st) == 0)
		return S_ISSOCK(st.st_mode) ? 0 : ENOTSOCK;
	if (errno != ENOENT)
		return errno;
	snprintf(folder, sizeof(folder), "%s", path);
	while (cut_name(folder)) {
		if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
			return 0;
		if (errno != ENOENT)
			return errno;
	}
	return ENOENT;
}

/*
 * Files in their folder, which is opened: another folder of that path does not
 * matter any more.
 */

/* The folder of an absolute path; *name becomes its last part. -1 and errno. */
static int
open_folder(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_BYTES];

	if (!slash) {
		*name = path;
		return open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	*name = slash + 1;
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
	return open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool
is_at(int folder, const char *name, struct unix_socket_place place)
{
	struct stat st;

	return place.inode != 0 &&
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_dev == place.device &&
	    st.st_ino == place.inode;
}

static int
remove_at(int folder, const char *name, struct unix_socket_place place)
{
	if (is_at(folder, name, place))
		return unlinkat(folder, name, 0);
	errno = EADDRINUSE;
	return -1;
}

/* The socket file of that name is held, so that its inode is no other's. */
static int
hold(int folder, const char *name, struct unix_socket_place *place)
{
	int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st = { 0 };

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode)) {
		*place = (struct unix_socket_place){ st.st_dev, st.st_ino };
		return fd;
	}
	close(fd);
	errno = ENOTSOCK;
	return -1;
}

static int
remove_stale_at(int folder, const char *name, const struct sockaddr *address,
    socklen_t length, int type)
{
	struct unix_socket_place place;
	int fd = hold(folder, name, &place), result = -1;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (is_refused(address, length, type) &&
	    remove_at(folder, name, place) == 0)
		result = 1;
	descriptor_close(fd);
	return result;
}

int
unix_socket_remove_stale(const struct sockaddr *address, socklen_t length,
    int type)
{
	const char *path = unix_socket_path(address), *name;
	int folder, result;

	if (!path || *path == '\0')
		return 0;
	folder = open_folder(path, &name);
	if (folder < 0)
		return errno == ENOENT ? 0 : -1;
	result = remove_stale_at(folder, name, address, length, type);
	descriptor_close(folder);
	return result;
}

struct unix_socket_place
unix_socket_place(const struct sockaddr *address)
{
	const char *path = unix_socket_path(address);
	struct stat st;

	if (!path || *path == '\0' || lstat(path, &st) < 0 ||
	    !S_ISSOCK(st.st_mode))
		return (struct unix_socket_place){ 0, 0 };
	return (struct unix_socket_place){ st.st_dev, st.st_ino };
}

bool
unix_socket_is_in_place(const char *path, struct unix_socket_place place)
{
	return is_at(AT_FDCWD, path, place);
}

void
unix_socket_remove(int fd, struct unix_socket_place place)
{
	struct sockaddr_storage bound = { 0 };
	socklen_t length = sizeof(bound);
	const char *path, *name;
	int folder;

	if (getsockname(fd, (struct sockaddr *)&bound, &length) < 0)
		return;
	path = unix_socket_path((const struct sockaddr *)&bound);
	if (!path || *path != '/')
		return;
	folder = open_folder(path, &name);
	if (folder < 0)
		return;
	if (remove_at(folder, name, place) < 0) {
		/* It is another's, or has gone. */
	}
	close(folder);
}
