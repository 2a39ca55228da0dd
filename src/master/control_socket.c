/* SPDX-License-Identifier: ISC */
#include "master/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "master/unix_socket.h"

#define BACKLOG 16

/* Of the socket itself, whatever somebody has put in its place meanwhile. */
static bool
give_to(const char *path, gid_t group)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0;

	if (ok && !S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		ok = false;
	}
	if (ok && st.st_gid != group)
		ok = fchownat(fd, "", (uid_t)-1, group, AT_EMPTY_PATH) == 0;
	descriptor_close(fd);
	return ok;
}

/* No moment is there in which others could connect. */
static bool
bind_for(int fd, const struct sockaddr_un *address, gid_t group)
{
	mode_t before = umask(group == (gid_t)-1 ? 0177 : 0117);
	int result = bind(fd, (const struct sockaddr *)address,
	    sizeof(*address));

	umask(before);
	if (result < 0)
		return false;
	return group == (gid_t)-1 || give_to(address->sun_path, group);
}

int
control_socket_listen(const char *path, gid_t group,
    struct unix_socket_place *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (!unix_socket_make_folder(path) ||
	    unix_socket_remove_stale((struct sockaddr *)&address,
		sizeof(address), SOCK_SEQPACKET) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		unix_socket_refuse_descriptors(fd);
	if (fd >= 0 && bind_for(fd, &address, group) &&
	    listen(fd, BACKLOG) == 0) {
		*place = unix_socket_place((struct sockaddr *)&address);
		return fd;
	}
	descriptor_close(fd);
	return -1;
}
