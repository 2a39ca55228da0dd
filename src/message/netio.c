/*
 * Input and output with deadlines. See netio.h.
 *
 * A function tries to read or write first and waits only after EAGAIN: most
 * often octets, or room for them, are there. Pipes have no call that never
 * waits, so for pipes the wait comes first.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/netio.h"

#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/orphan.h"
#include "base/release.h"
#include "base/scoreboard.h"
#include "message/netio_internal.h"
#include "message/pace.h"
#include "message/socket_fault.h"
#include "message/wait.h"

/* A pipe that is writable for poll has room for that much (pipe(7)). */
#define PIPE_STEP_BYTES 4096

static bool
is_socket(int fd)
{
	int type;
	socklen_t length = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
}

void
netio_init(struct netio *io, int in, int out, struct scoreboard_page *page,
    struct wait *wait)
{
	*io =
	    (struct netio){ .in = in, .out = out, .page = page, .wait = wait };
	io->in_is_socket = io->in == io->out || is_socket(io->in);
	io->out_is_socket = io->in == io->out || is_socket(io->out);
}

bool
netio_limit(struct netio *io, const struct limits *limits)
{
	const struct wait_methods *methods = io->wait->methods;

	if (!methods->limit)
		return false;
	methods->limit(io->wait, limits);
	return true;
}

const char *
netio_lift(struct netio *io)
{
	const struct wait_methods *methods = io->wait->methods;

	return methods->lift ? methods->lift(io->wait) : NULL;
}

int
netio_pause(struct netio *io, int64_t ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	if (io->wait->methods->pause)
		return io->wait->methods->pause(io->wait, ms);
	while (ms > 0 && nanosleep(&left, &left) < 0 && errno == EINTR)
		;
	return 0;
}

uint64_t
netio_turn(const struct netio *io)
{
	const struct wait_methods *methods = io->wait->methods;

	return methods->turn ? methods->turn(io->wait) : 0;
}

uint64_t
netio_begun(struct netio *io)
{
	const struct wait_methods *methods = io->wait->methods;

	return methods->begun ? methods->begun(io->wait) : 0;
}

void
netio_show(struct netio *io)
{
	if (io->wait->methods->show)
		io->wait->methods->show(io->wait);
}

static void
note_fault(struct netio *io, const char *call, int fd, const char *what)
{
	socket_fault_note(&io->is_fault_told, call, fd, what);
}

static int
wait_for(struct netio *io, short events, int64_t deadline_ms)
{
	int fd = events == POLLOUT ? io->out : io->in;
	int result = io->wait->methods->for_client(io->wait, fd, events,
	    deadline_ms);

	if (result < 0 && errno != ETIMEDOUT)
		note_fault(io, "poll", fd, "wait for the client");
	return result;
}

static int
wait_for_request(struct netio *io, int64_t deadline_ms)
{
	int result = io->wait->methods->for_request(io->wait, io->in,
	    deadline_ms);

	if (result < 0 && errno != ETIMEDOUT && errno != EAGAIN &&
	    errno != ECANCELED)
		note_fault(io, "ppoll", io->in, "wait for the client");
	return result;
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
	int result;

	do {
		if (!was_orphan && netio_is_orphan(io)) {
			deadline_ms = orphan_deadline(deadline_ms, orphan_ms);
			was_orphan = true;
		}
		result = wait_for_request(io, deadline_ms);
		if (result < 0 && errno == EINTR && has_to_end(io))
			return NETIO_ORPHANED;
		/* An orphan does not rest: it would be for longer. */
	} while (result < 0 &&
	    (errno == EINTR || errno == EAGAIN ||
		(was_orphan && errno == ECANCELED)));

	if (result == 0)
		return NETIO_READY;
	if (errno == ECANCELED)
		return NETIO_RESTS;
	return was_orphan ? NETIO_ORPHANED : NETIO_TIMED_OUT;
}

bool
netio_is_orphan(const struct netio *io)
{
	return io->page->is_stopping || orphan_is_noted();
}

/* By the time that the client has sent something it is given, as a rule. */
static void
await_release(struct netio *io)
{
	if (io->holder == 0)
		return;
	release_await(&io->page->release, io->holder);
	io->holder = 0;
}

ssize_t
netio_read_now(struct netio *io, void *buffer, size_t size)
{
	ssize_t n;

	do {
		if (io->in_is_socket)
			n = recv(io->in, buffer, size, MSG_DONTWAIT);
		else if (wait_for(io, POLLIN, 0) == 0)
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
		note_fault(io, io->in_is_socket ? "recv" : "read", io->in,
		    "receive from the client");
	if (n > 0) {
		await_release(io);
		io->page->bytes_received += (uint64_t)n;
		wait_moved(io->wait, POLLIN, size, (size_t)n);
	}
	return n;
}

ssize_t
netio_read(struct netio *io, void *buffer, size_t size, int64_t deadline_ms)
{
	for (;;) {
		ssize_t n = netio_read_now(io, buffer, size);

		if (n >= 0 || errno != EAGAIN)
			return n;
		if (wait_for(io, POLLIN, deadline_ms) < 0)
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

int
netio_wait_paced(struct netio *io, short events, struct pace *pace)
{
	int result, before, taken;

	do {
		int64_t begin_ms = clock_ms(), time_ms;

		before = events == POLLOUT ? untaken(io->out) : 0;
		io->page->is_waiting = 1;
		result = wait_for(io, events,
		    begin_ms + pace_patience_ms(pace));
		io->page->is_waiting = 0;
		time_ms = clock_ms() - begin_ms;
		pace->waited_ms += time_ms;
		if (result == 0 || errno != ETIMEDOUT || before == 0)
			return result;
		taken = before - untaken(io->out);
		log_debug("ioctl(%d, SIOCOUTQ): %d octets taken", io->out,
		    taken);
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
		if (errno != EAGAIN || netio_wait_paced(io, POLLIN, pace) < 0)
			return -1;
	}
}

void
netio_count_sent(struct netio *io, struct pace *pace, ssize_t n)
{
	io->page->bytes_sent += (uint64_t)n;
	pace->octets += (uint64_t)n;
	wait_moved(io->wait, POLLOUT, 0, (size_t)n);
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
		note_fault(io, "sendmsg", io->out, "send to the client");
	return n;
}

static ssize_t
write_some(struct netio *io, const struct iovec *iov, struct pace *pace)
{
	size_t size = iov->iov_len;
	ssize_t n;

	if (netio_wait_paced(io, POLLOUT, pace) < 0)
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
			netio_count_sent(io, pace, n);
			advance(&iov, &count, (size_t)n);
		} else if (errno == EAGAIN) {
			if (netio_wait_paced(io, POLLOUT, pace) < 0)
				return -1;
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
