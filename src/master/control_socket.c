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

#include "base/control_protocol.h"
#include "master/descendant.h"

#define BACKLOG 16

static bool
make_folder(const char *path)
{
	char folder[CONTROL_PATH_BYTES];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == folder)
		return true;
	*slash = '\0';
	if (mkdir(folder, 0755) == 0 || errno == EEXIST)
		return true;
	return errno == ENOENT && make_folder(folder) &&
	    mkdir(folder, 0755) == 0;
}

static int
new_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
}

/* Removes a socket that nobody listens at any more. False, EADDRINUSE: somebody
 * does. */
static bool
remove_stale(const struct sockaddr_un *address)
{
	struct stat st;
	bool lives;
	int fd;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return false;
	}
	fd = new_socket();
	if (fd < 0)
		return false;
	lives = connect(fd, (const struct sockaddr *)address,
		    sizeof(*address)) == 0 ||
	    errno != ECONNREFUSED;
	close(fd);
	if (lives)
		errno = EADDRINUSE;
	return !lives && unlink(address->sun_path) == 0;
}

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
	if (fd >= 0) {
		int saved = errno;

		close(fd);
		errno = saved;
	}
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
control_socket_listen(const char *path, gid_t group)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, saved;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (!make_folder(path) || !remove_stale(&address))
		return -1;
	fd = new_socket();
	if (fd >= 0 && bind_for(fd, &address, group) &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

static bool
is_in_group(int fd, gid_t wanted)
{
	gid_t groups[256];
	socklen_t length = sizeof(groups);
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0)
		return false;
	for (i = 0; i < length / sizeof(groups[0]); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

const char *
control_socket_refusal(int fd, gid_t group)
{
	struct ucred who;
	socklen_t length = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0)
		return "who asks is unknown";
	if (who.uid != 0 && who.uid != geteuid() &&
	    (group == (gid_t)-1 ||
		(who.gid != group && !is_in_group(fd, group))))
		return "only root, the user of prongd, and the group that "
		       "control_group names may ask";
	/* What descends from an ordinary user's process is that user's (it
	 * gets no new privileges), and others may be hidden from it. */
	if ((geteuid() == 0 || who.uid == geteuid()) &&
	    descendant_is_mine(who.pid))
		return "no process of prongd's own may ask";
	return NULL;
}
