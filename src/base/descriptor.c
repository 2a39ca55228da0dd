/* SPDX-License-Identifier: ISC */
#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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

/* Without close_range(2). To poll many numbers at a time would be faster, but
 * poll(2) does not know descriptors of O_PATH. */
static void
change_open(unsigned first, unsigned last, bool closes)
{
	unsigned i;

	for (i = first; i <= last; i++)
		if (closes)
			close((int)i);
		else
			fcntl((int)i, F_SETFD, FD_CLOEXEC);
}

static int
change_range(unsigned first, unsigned last, bool closes)
{
	struct rlimit limit;

	if (close_range(first, last, closes ? 0 : CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	if ((errno != ENOSYS && errno != EPERM) ||
	    getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	if (last >= limit.rlim_max)
		last = (unsigned)limit.rlim_max - 1;
	change_open(first, last, closes);
	return 0;
}

int
descriptor_close_range(unsigned first, unsigned last)
{
	return change_range(first, last, true);
}

int
descriptor_end_with_exec(unsigned first)
{
	return change_range(first, ~0U, false);
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

size_t
descriptor_limit(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max;
}

/* Where there is no /dev, a folder takes the place. */
void
descriptor_open_standard(void)
{
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDWR) < 0 &&
		    open("/", O_PATH | O_DIRECTORY) < 0)
			return;
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

bool
descriptor_is_exhaustion(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}
