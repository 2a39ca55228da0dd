/*
 * Files to the client: by sendfile where the kernel can, else by copies.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/netio_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/log.h"
#include "message/wait.h"

/* Octets of one copy, for files that sendfile does not support. */
#define COPY_STEP_BYTES 16384

/* sendfile has no flag against waiting. */
static int
set_nonblocking(struct netio *io)
{
	int flags;

	if (io->is_nonblocking)
		return 0;
	flags = fcntl(io->out, F_GETFL);
	if (flags < 0 || fcntl(io->out, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	io->is_nonblocking = true;
	return 0;
}

static int
copy_file(struct netio *io, int fd, uint64_t offset, uint64_t length, bool more,
    struct pace *pace)
{
	char buffer[COPY_STEP_BYTES];

	while (length > 0) {
		size_t step = length < sizeof(buffer) ? (size_t)length :
							sizeof(buffer);
		ssize_t n = pread(fd, buffer, step, (off_t)offset);
		struct iovec iov;

		log_debug("pread(%d, %zu bytes) = %zd", fd, step, n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? ENODATA : errno;
			return -1;
		}
		offset += (uint64_t)n;
		length -= (uint64_t)n;
		iov.iov_base = buffer;
		iov.iov_len = (size_t)n;
		if (netio_write(io, &iov, 1, more || length > 0, pace) < 0)
			return -1;
	}
	return 0;
}

int
netio_write_file(struct netio *io, int fd, uint64_t offset, uint64_t length,
    bool more, struct pace *pace)
{
	const uint64_t most = io->wait->methods->max_file_octets;
	off_t at = (off_t)offset;

	if (!io->out_is_socket || io->out_is_shared || set_nonblocking(io) < 0)
		return copy_file(io, fd, offset, length, more, pace);
	while (length > 0) {
		uint64_t step = length < most ? length : most;
		ssize_t n = sendfile(io->out, fd, &at, (size_t)step);

		if (n >= 0)
			log_debug("sendfile(%d, %d) = %zd", io->out, fd, n);
		if (n > 0) {
			netio_count_sent(io, pace, n);
			length -= (uint64_t)n;
		} else if (n == 0) {
			errno = ENODATA;
			return -1;
		} else if (errno == EAGAIN) {
			if (netio_wait_paced(io, POLLOUT, pace) < 0)
				return -1;
		} else if (errno == EINVAL || errno == ENOSYS ||
		    errno == EPERM) {
			/* Not for files of /proc, say; or by a policy. */
			return copy_file(io, fd, (uint64_t)at, length, more,
			    pace);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}
