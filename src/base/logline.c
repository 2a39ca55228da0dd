/*
 * Writes without blocking, by kind of log:
 *
 *	regular file	write(2): waits for the disk only
 *	socket		MSG_DONTWAIT
 *	others		O_NONBLOCK, if the open file description is the log's
 *			own (logfile.h). A shared one must not get the flag:
 *			RWF_NOWAIT where the kernel has it for pipes (6.4),
 *			else poll(2) before the write. A pipe that is writable
 *			for poll has room for a whole line, unless another
 *			process takes that room first.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/logline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"

_Static_assert(LOGLINE_MAX_BYTES <= PIPE_BUF, "a line is one piece");

void
logline_open(struct logline *log, int fd)
{
	struct stat st;

	*log = (struct logline){ .kind = LOGLINE_PLAIN };
	if (fstat(fd, &st) < 0)
		return;
	if (S_ISSOCK(st.st_mode))
		log->kind = LOGLINE_SOCKET;
	else if (S_ISREG(st.st_mode))
		log->kind = LOGLINE_FILE;
	else if (!(fcntl(fd, F_GETFL) & O_NONBLOCK))
		log->kind = LOGLINE_SHARED;
}

static bool
has_room(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, timeout_ms) != 0;
}

static ssize_t
write_shared(int fd, const char *data, size_t length)
{
	struct iovec iov = { (char *)(uintptr_t)data, length };
	ssize_t n = pwritev2(fd, &iov, 1, -1, RWF_NOWAIT);

	if (n >= 0 || errno != EOPNOTSUPP)
		return n;
	if (!has_room(fd, 0)) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, data, length);
}

static ssize_t
write_some(const struct logline *log, int fd, const char *data, size_t length)
{
	switch (log->kind) {
	case LOGLINE_SOCKET:
		return send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	case LOGLINE_SHARED:
		return write_shared(fd, data, length);
	case LOGLINE_PLAIN:
	case LOGLINE_FILE:
	default:
		return write(fd, data, length);
	}
}

/* False when the line may not wait any longer. */
static bool
wait_for_room(const struct logline *log, int fd, int64_t *until_ms)
{
	int64_t now_ms = clock_ms();

	if (*until_ms == 0)
		*until_ms = now_ms + LOGLINE_WAIT_MS;
	if (now_ms < log->patient_at_ms || now_ms >= *until_ms)
		return false;
	has_room(fd, (int)(*until_ms - now_ms));
	return true;
}

/* Returns the octets written; if fewer than length, errno is set. */
static size_t
write_all(const struct logline *log, int fd, const char *data, size_t length)
{
	int64_t until_ms = 0;
	size_t done = 0;
	ssize_t n;

	while (done < length) {
		n = write_some(log, fd, data + done, length - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n == 0 || errno != EAGAIN ||
		    !wait_for_room(log, fd, &until_ms))
			break;
	}
	return done;
}

/* Returns the octets written; if fewer than length, errno is set. */
static size_t
put(struct logline *log, int fd, const char *lines, size_t length)
{
	size_t done;

	/* The error of a write that returns 0. */
	errno = EIO;
	if (log->is_cut)
		log->is_cut = write_all(log, fd, "\n", 1) == 0;
	done = log->is_cut ? 0 : write_all(log, fd, lines, length);
	if (done == length)
		return done;
	log->is_cut |= done > 0 && lines[done - 1] != '\n';
	log->patient_at_ms = clock_ms() + LOGLINE_PAUSE_MS;
	return done;
}

int
logline_write(struct logline *log, int fd, const char *line, size_t length)
{
	return put(log, fd, line, length) == length ? 0 : -1;
}

static size_t
length_of_line(const char *lines, size_t length)
{
	const char *lf = memchr(lines, '\n', length);

	return lf ? (size_t)(lf - lines) + 1 : length;
}

static size_t
count_lines(const char *lines, size_t length)
{
	size_t count = 0, i;

	for (i = 0; i < length; i++)
		count += lines[i] == '\n';
	return count;
}

size_t
logline_write_lines(struct logline *log, int fd, const char *lines,
    size_t length)
{
	size_t dropped = 0, n, done;

	for (; length > 0; lines += n, length -= n) {
		n = log->kind == LOGLINE_FILE ? length :
						length_of_line(lines, length);
		done = put(log, fd, lines, n);
		if (done < n)
			dropped += count_lines(lines + done, n - done);
	}
	return dropped;
}

const char *
logline_reason(int error)
{
	if (error == EAGAIN)
		return "its reader is too slow";
	if (error == EPIPE)
		return "nobody reads it";
	return strerror(error);
}
