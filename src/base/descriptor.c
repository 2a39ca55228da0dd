/* SPDX-License-Identifier: ISC */
#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

void
descriptor_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

int
descriptor_move(int *fd, int lowest)
{
	int moved = fcntl(*fd, F_DUPFD_CLOEXEC, lowest);

	if (moved < 0)
		return -1;
	close(*fd);
	*fd = moved;
	return 0;
}

void
descriptor_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void
descriptor_reset(int fd)
{
	static const sa_family_t none = AF_UNSPEC;

	/* Not SO_LINGER: with other values a close would wait, and a filter
	 * does not see values in memory. */
	if (connect(fd, (const struct sockaddr *)(const void *)&none,
		sizeof(none)) < 0) {
		/* The peer has ended the connection, or it is no TCP. */
	}
}
