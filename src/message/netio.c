/*
 * Input and output with deadlines. See netio.h.
 *
 * A function tries to read or write first and calls poll only on EAGAIN: most
 * often octets, or room for them, are there. Pipes have no call that never
 * waits, so for pipes poll comes first.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/netio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/handler_stderr.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/orphan.h"
#include "base/scoreboard.h"
#include "message/pace.h"

/* A pipe that is writable for poll has room for that much (pipe(7)). */
#define PIPE_STEP_BYTES 4096

/* Octets of one copy, for files that sendfile does not support; and octets of
 * one sendfile, below the kernel's own limit of 2 GiB. */
#define COPY_STEP_BYTES	    16384
#define SENDFILE_STEP_BYTES (UINT64_C(1) << 30)

static bool
is_socket(int fd)
{
	int type;
	socklen_t length = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
}

void
netio_init(struct netio *io, int in, int out, int tie,
    struct scoreboard_page *page)
{
	*io = (struct netio){ .in = in, .out = out, .tie = tie, .page = page };
	io->in_is_socket = is_socket(io->in);
	io->out_is_socket = io->out == io->in ? io->in_is_socket :
						is_socket(io->out);
}

/* Milliseconds until the deadline for poll: between 0 and INT_MAX. */
static int
remaining_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_ms();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

static int
wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	for (;;) {
		int timeout = remaining_ms(deadline_ms);
		int n = poll(&pfd, 1, timeout);

		log_debug("poll(%d, %s, %d ms) = %d", fd,
		    events == POLLIN ? "POLLIN" : "POLLOUT", timeout, n);
		if (n > 0)
			return 0;
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

/* Polls the client, the tie and the standard error of handlers. Returns as
 * poll(2); revents are those of the client. */
static int
poll_tie(struct netio *io, int timeout, short *revents)
{
	struct pollfd pfds[3] = {
		{ .fd = io->in, .events = POLLIN },
		{ .fd = handler_stderr_descriptor(), .events = POLLIN },
		{ .fd = io->is_orphan ? -1 : io->tie, .events = POLLIN },
	};
	int n = nudge_poll(pfds, 3, timeout);

	if (n <= 0)
		return n;
	if (pfds[1].revents)
		handler_stderr_drain();
	io->is_orphan |= pfds[2].revents != 0;
	*revents = pfds[0].revents;
	return n;
}

static int64_t
orphan_deadline(int64_t deadline_ms, int64_t orphan_ms)
{
	int64_t until_ms = clock_ms() + orphan_ms;

	return until_ms < deadline_ms ? until_ms : deadline_ms;
}

/* Whether the generation wants the place of this connection, and no octet has
 * come. */
static bool
has_to_end(const struct netio *io)
{
	struct pollfd pfd = { .fd = io->in, .events = POLLIN };

	return io->page->is_unwanted && poll(&pfd, 1, 0) == 0;
}

enum netio_event
netio_wait(struct netio *io, int64_t deadline_ms, int64_t orphan_ms)
{
	bool was_orphan = false;
	short revents = 0;
	int n, timeout;

	do {
		if (io->is_orphan && !was_orphan)
			deadline_ms = orphan_deadline(deadline_ms, orphan_ms);
		was_orphan = io->is_orphan;
		timeout = remaining_ms(deadline_ms);
		n = poll_tie(io, timeout, &revents);
		log_debug("poll(%d, POLLIN, %d ms) = %d", io->in, timeout, n);
		if (n < 0 && errno == EINTR && has_to_end(io))
			return NETIO_ORPHANED;
	} while ((n < 0 && errno == EINTR) || (n > 0 && revents == 0));

	if (n > 0 && revents != 0)
		return NETIO_READY;
	return io->is_orphan ? NETIO_ORPHANED : NETIO_TIMED_OUT;
}

bool
netio_is_orphan(struct netio *io)
{
	struct pollfd tie = { .fd = io->tie, .events = POLLIN };

	if (!io->is_orphan && io->tie >= 0)
		io->is_orphan = orphan_is_noted() || poll(&tie, 1, 0) > 0;
	return io->is_orphan;
}

ssize_t
netio_read_now(struct netio *io, void *buffer, size_t size)
{
	ssize_t n;

	do {
		if (io->in_is_socket)
			n = recv(io->in, buffer, size, MSG_DONTWAIT);
		else if (wait_for(io->in, POLLIN, 0) == 0)
			n = read(io->in, buffer, size);
		else if (errno == ETIMEDOUT)
			n = -1, errno = EAGAIN;
		else
			n = -1;
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		log_debug("%s(%d, %zu bytes) = %zd",
		    io->in_is_socket ? "recv" : "read", io->in, size, n);
	else
		log_debug("%s(%d) = -1 (%m)",
		    io->in_is_socket ? "recv" : "read", io->in);
	if (n > 0)
		io->page->bytes_received += (uint64_t)n;
	return n;
}

ssize_t
netio_read(struct netio *io, void *buffer, size_t size, int64_t deadline_ms)
{
	for (;;) {
		ssize_t n = netio_read_now(io, buffer, size);

		if (n >= 0 || errno != EAGAIN)
			return n;
		if (wait_for(io->in, POLLIN, deadline_ms) < 0)
			return -1;
	}
}

/* Octets in a socket's buffer that the client has not taken; 0 for others. */
static int
untaken(int fd)
{
	int octets;

	return ioctl(fd, SIOCOUTQ, &octets) == 0 ? octets : 0;
}

/*
 * Whether the client takes octets at its least rate. poll is no measure: for it
 * a socket is writable when a third of the buffer is free. That can be a
 * megabyte, for which an honest client on a slow path needs longer than
 * send_timeout.
 */
static bool
takes_enough(int taken, int64_t time_ms, const struct pace *pace)
{
	return taken > 0 &&
	    (uint64_t)taken * 1000 >= (uint64_t)time_ms * pace->min_rate;
}

/* Waits as long as the pace allows, and adds the wait to it. */
static int
wait_paced(struct netio *io, short events, struct pace *pace)
{
	int fd = events == POLLOUT ? io->out : io->in;
	int result, before, taken;

	do {
		int64_t begin_ms = clock_ms(), time_ms;

		before = events == POLLOUT ? untaken(fd) : 0;
		io->page->is_waiting = 1;
		result = wait_for(fd, events,
		    begin_ms + pace_patience_ms(pace));
		io->page->is_waiting = 0;
		time_ms = clock_ms() - begin_ms;
		pace->waited_ms += time_ms;
		if (result == 0 || errno != ETIMEDOUT || before == 0)
			return result;
		taken = before - untaken(fd);
		log_debug("ioctl(%d, SIOCOUTQ): %d octets taken", fd, taken);
		if (!takes_enough(taken, time_ms, pace)) {
			errno = ETIMEDOUT;
			return -1;
		}
		io->page->bytes_taken += (uint64_t)taken;
	} while (pace_patience_ms(pace) > 0);
	errno = ETIMEDOUT;
	return -1;
}

ssize_t
netio_read_paced(struct netio *io, void *buffer, size_t size, struct pace *pace)
{
	for (;;) {
		ssize_t n = netio_read_now(io, buffer, size);

		if (n >= 0) {
			pace->octets += (uint64_t)n;
			return n;
		}
		if (errno != EAGAIN || wait_paced(io, POLLIN, pace) < 0)
			return -1;
	}
}

static void
count_sent(struct netio *io, struct pace *pace, ssize_t n)
{
	io->page->bytes_sent += (uint64_t)n;
	pace->octets += (uint64_t)n;
}

/* Removes n octets from the front of the vector. */
static void
advance(struct iovec **iov, size_t *count, size_t n)
{
	while (*count > 0 && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		(*iov)++;
		(*count)--;
	}
	if (*count > 0 && n > 0) {
		(*iov)->iov_base = (char *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
}

static ssize_t
send_some(struct netio *io, struct iovec *iov, size_t count, bool more)
{
	struct msghdr message = { .msg_iov = iov };
	ssize_t n;

	message.msg_iovlen = count < IOV_MAX ? count : IOV_MAX;
	if (message.msg_iovlen < count)
		more = true;
	n = sendmsg(io->out, &message,
	    MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
	if (n >= 0)
		log_debug("sendmsg(%d%s) = %zd", io->out,
		    more ? ", MSG_MORE" : "", n);
	else
		log_debug("sendmsg(%d) = -1 (%m)", io->out);
	return n;
}

static ssize_t
write_some(struct netio *io, const struct iovec *iov, struct pace *pace)
{
	size_t size = iov->iov_len;
	ssize_t n;

	if (wait_paced(io, POLLOUT, pace) < 0)
		return -1;
	n = write(io->out, iov->iov_base,
	    size < PIPE_STEP_BYTES ? size : PIPE_STEP_BYTES);
	log_debug("write(%d) = %zd", io->out, n);
	return n;
}

int
netio_write(struct netio *io, struct iovec *iov, size_t count, bool more,
    struct pace *pace)
{
	ssize_t n;

	advance(&iov, &count, 0);
	while (count > 0) {
		if (io->out_is_socket)
			n = send_some(io, iov, count, more);
		else
			n = write_some(io, iov, pace);
		if (n >= 0) {
			count_sent(io, pace, n);
			advance(&iov, &count, (size_t)n);
		} else if (errno == EAGAIN) {
			if (wait_paced(io, POLLOUT, pace) < 0)
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

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
	off_t at = (off_t)offset;

	if (!io->out_is_socket || set_nonblocking(io) < 0)
		return copy_file(io, fd, offset, length, more, pace);
	while (length > 0) {
		uint64_t step = length < SENDFILE_STEP_BYTES ?
		    length :
		    SENDFILE_STEP_BYTES;
		ssize_t n = sendfile(io->out, fd, &at, (size_t)step);

		if (n >= 0)
			log_debug("sendfile(%d, %d) = %zd", io->out, fd, n);
		if (n > 0) {
			count_sent(io, pace, n);
			length -= (uint64_t)n;
		} else if (n == 0) {
			errno = ENODATA;
			return -1;
		} else if (errno == EAGAIN) {
			if (wait_paced(io, POLLOUT, pace) < 0)
				return -1;
		} else if (errno == EINVAL || errno == ENOSYS) {
			/* sendfile does not support files of /proc, say. */
			return copy_file(io, fd, (uint64_t)at, length, more,
			    pace);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

void
netio_linger(struct netio *io, size_t max_bytes, int64_t deadline_ms)
{
	char rest[4096];
	size_t thrown = 0;
	ssize_t n;

	if (!io->out_is_socket || shutdown(io->out, SHUT_WR) < 0)
		return;
	log_debug("shutdown(%d, SHUT_WR) = 0", io->out);
	do {
		n = netio_read(io, rest, sizeof(rest), deadline_ms);
		if (n > 0)
			thrown += (size_t)n;
	} while (n > 0 && thrown < max_bytes);
}
