/* SPDX-License-Identifier: ISC */
#include "master/unix_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

const char *
unix_socket_path(const struct sockaddr *address)
{
	if (address->sa_family != AF_UNIX)
		return NULL;
	return ((const struct sockaddr_un *)(const void *)address)->sun_path;
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

int
unix_socket_remove_stale(const struct sockaddr *address, socklen_t length,
    int type)
{
	const char *path = unix_socket_path(address);
	struct stat st;

	if (!path)
		return 0;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	if (!is_refused(address, length, type) || unlink(path) < 0)
		return -1;
	return 1;
}

void
unix_socket_unlink(int fd)
{
	struct sockaddr_storage bound = { 0 };
	socklen_t length = sizeof(bound);
	const char *path;

	if (getsockname(fd, (struct sockaddr *)&bound, &length) < 0)
		return;
	path = unix_socket_path((const struct sockaddr *)&bound);
	if (path && *path == '/')
		unlink(path);
}
