/* SPDX-License-Identifier: ISC */
#include "base/resident.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

#include "base/log.h"

static bool
lacks(int fd, uint64_t offset)
{
	char octet;
	struct iovec iov = { &octet, 1 };
	ssize_t n = preadv2(fd, &iov, 1, (off_t)offset, RWF_NOWAIT);

	if (n >= 0 || errno != EAGAIN)
		return false;
	log_debug("preadv2(%d, at %llu, RWF_NOWAIT): not in memory", fd,
	    (unsigned long long)offset);
	return true;
}

/* Two octets tell of most ranges: what is read and what is given up lies together,
 * as a rule. */
bool
resident_lacks(int fd, uint64_t offset, uint64_t length)
{
	return lacks(fd, offset) ||
	    (length > 1 && lacks(fd, offset + length - 1));
}

void
resident_want(int fd, uint64_t offset, uint64_t length)
{
	posix_fadvise(fd, (off_t)offset, (off_t)length, POSIX_FADV_WILLNEED);
}
