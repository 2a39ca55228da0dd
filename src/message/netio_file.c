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

#include "base/clock.h"
#include "base/log.h"
#include "base/resident.h"
#include "message/wait.h"

/* Octets of one copy, for files that sendfile does not support. */
#define COPY_STEP_BYTES 16384

/* Where others must not wait for a disk: what is asked for in advance, and how long
 * and how often the pages are looked for. A disk takes milliseconds; one that fails
 * gives none. */
#define AHEAD_BYTES  (UINT64_C(1) << 20)
#define DISK_MS	     30000
#define MAX_PAUSE_MS 32

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

/*
 * sendfile would wait for pages that are not in memory, and all clients of the
 * process with it. So they are asked for, and the others have their turn until
 * they are there.
 */
static int
await_pages(struct netio *io, struct netio_range *r, uint64_t step)
{
	const int64_t until_ms = clock_ms() + DISK_MS;
	int64_t pause_ms = 1;

	while (resident_lacks(r->fd, r->at, step)) {
		r->is_cold = true;
		resident_want(r->fd, r->at, step);
		if (clock_ms() > until_ms) {
			errno = EIO;
			return -1;
		}
		if (netio_pause(io, pause_ms) < 0)
			return -1;
		pause_ms = pause_ms < MAX_PAUSE_MS ? 2 * pause_ms :
						     MAX_PAUSE_MS;
	}
	r->resident = r->at + step;
	if (r->is_cold && r->resident < r->end)
		resident_want(r->fd, r->resident,
		    r->end - r->resident < AHEAD_BYTES ? r->end - r->resident :
							 AHEAD_BYTES);
	return 0;
}

/* The most that one call is to send, which is in memory if others would wait. */
static ssize_t
send_step(struct netio *io, struct netio_range *r)
{
	const struct wait_methods *methods = io->wait->methods;
	uint64_t step = r->end - r->at;
	off_t at = (off_t)r->at;
	ssize_t n;

	if (step > methods->max_file_octets)
		step = methods->max_file_octets;
	if (methods->pause) {
		if (r->at >= r->resident && await_pages(io, r, step) < 0)
			return -1;
		if (step > r->resident - r->at)
			step = r->resident - r->at;
	}
	n = sendfile(io->out, r->fd, &at, (size_t)step);
	if (n >= 0)
		log_debug("sendfile(%d, %d) = %zd", io->out, r->fd, n);
	r->at = (uint64_t)at;
	return n;
}

/* What is in memory may be given up while the client is slow. */
static int
wait_for_room(struct netio *io, struct netio_range *r, struct pace *pace)
{
	r->resident = r->at;
	return netio_wait_paced(io, POLLOUT, pace);
}

int
netio_write_file(struct netio *io, const struct netio_range *range, bool more,
    struct pace *pace)
{
	struct netio_range r = *range;

	if (!io->out_is_socket || io->out_is_shared || set_nonblocking(io) < 0)
		return copy_file(io, r.fd, r.at, r.end - r.at, more, pace);
	while (r.at < r.end) {
		ssize_t n = send_step(io, &r);

		if (n > 0) {
			netio_count_sent(io, pace, n);
		} else if (n == 0) {
			errno = ENODATA;
			return -1;
		} else if (errno == EAGAIN) {
			if (wait_for_room(io, &r, pace) < 0)
				return -1;
		} else if (errno == EINVAL || errno == ENOSYS ||
		    errno == EPERM) {
			/* Not for files of /proc, say; or by a policy. */
			return copy_file(io, r.fd, r.at, r.end - r.at, more,
			    pace);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}
