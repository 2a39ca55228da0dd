/* SPDX-License-Identifier: ISC */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

static struct sockaddr_un manager;
static socklen_t manager_length;

void
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;

	if (length > 1 && length < sizeof(manager.sun_path) &&
	    (path[0] == '/' || path[0] == '@')) {
		manager.sun_family = AF_UNIX;
		memcpy(manager.sun_path, path, length);
		/* "@" stands for the abstract namespace's NUL. */
		if (path[0] == '@')
			manager.sun_path[0] = '\0';
		manager_length = (socklen_t)(offsetof(struct sockaddr_un,
		    sun_path) + length);
	}
	unsetenv("NOTIFY_SOCKET");
}

void
notify_send(const char *state)
{
	int fd;

	if (!manager_length)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (struct sockaddr *)&manager, manager_length) < 0)
		log_warning("cannot tell the service manager %s: %s", state,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
}
