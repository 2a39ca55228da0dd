/* SPDX-License-Identifier: ISC */
#include "base/handler_stderr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/hot.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/refused.h"

/* As much as the pipe holds. */
#define READS_AT_ONCE 16
#define READ_BYTES    4096

/* A longer line becomes several. */
#define LINE_MAX_BYTES 1024

/* The reading end; 0: none, as standard input is never free. */
static HOT int reader;

/* Nobody can write any more, or a handler has closed it. A wait would return at
 * once, again and again. */
static void
forget(bool is_open)
{
	if (is_open)
		close(reader);
	reader = 0;
}

/* A handler may have closed standard error, whose number is the next one then. */
static int
lift(int *fd)
{
	int above;

	if (*fd > STDERR_FILENO)
		return 0;
	above = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (above < 0)
		return -1;
	close(*fd);
	*fd = above;
	return 0;
}

void
handler_stderr_open(void)
{
	int fds[2];

	if (reader > 0 || !log_channel_is_open())
		return;
	/* Without a pipe standard error stays /dev/null. */
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	reader = fds[0];
	if (lift(&reader) < 0 || lift(&fds[1]) < 0 ||
	    dup2(fds[1], STDERR_FILENO) < 0) {
		log_warning("handlers of this connection have no standard "
			    "error: dup: %s%s",
		    strerror(errno), refused_hint(errno));
		forget(true);
	}
	close(fds[1]);
}

int
handler_stderr_descriptor(void)
{
	return reader > 0 ? reader : -1;
}

void
handler_stderr_leave(void)
{
	if (reader > 0)
		dup2(STDIN_FILENO, STDERR_FILENO);
}

static void
put_lines(const char *text, size_t length)
{
	const char *end = text + length, *lf;
	size_t n;

	for (; text < end; text += n) {
		n = (size_t)(end - text);
		if (n > LINE_MAX_BYTES)
			n = LINE_MAX_BYTES;
		lf = memchr(text, '\n', n);
		if (lf)
			n = (size_t)(lf - text);
		if (n > 0)
			log_channel_put(RINGS_STDERR, LEVEL_INFO, text, n);
		if (lf)
			n++;
	}
}

/* Whoever shares the pipe can have made it one whose reads wait. Kernels before
 * 6.4 cannot read a pipe so. */
static ssize_t
read_now(char *text, size_t size)
{
	struct iovec iov = { text, size };
	ssize_t n = preadv2(reader, &iov, 1, -1, RWF_NOWAIT);

	if (n >= 0 || errno != EOPNOTSUPP)
		return n;
	fcntl(reader, F_SETFL, O_NONBLOCK);
	return read(reader, text, size);
}

void
handler_stderr_drain(void)
{
	char text[READ_BYTES];
	int saved = errno, i;
	ssize_t n = 1;

	if (reader == 0)
		return;
	for (i = 0; i < READS_AT_ONCE; i++) {
		n = read_now(text, sizeof(text));
		if (n <= 0)
			break;
		put_lines(text, (size_t)n);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		forget(n == 0);
	errno = saved;
}
