/* SPDX-License-Identifier: ISC */
#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
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
