/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/uio.h>

#include <errno.h>
#include <unistd.h>

#include <prong/handler.h>

#include "static/at_once.h"

ssize_t
at_once_read(struct prong_request *request, int fd, void *data, size_t size,
    uint64_t offset)
{
	struct iovec iov = { data, size };
	ssize_t n = -1;

	errno = EOPNOTSUPP;
	if (prong_may_move(request))
		n = preadv2(fd, &iov, 1, (off_t)offset, RWF_NOWAIT);
	return n < 0 && errno == EOPNOTSUPP ?
	    pread(fd, data, size, (off_t)offset) :
	    n;
}
