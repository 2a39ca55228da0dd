/* SPDX-License-Identifier: ISC */
#include "base/handler_stderr.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/log_channel.h"

/* As much as the pipe holds. */
#define READS_AT_ONCE 16
#define READ_BYTES    4096

/* A longer line becomes several. */
#define LINE_MAX_BYTES 1024

/* The reading end; 0: none, as standard input is never free. */
static int reader;

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
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
}

int
handler_stderr_descriptor(void)
{
	return reader > 0 ? reader : -1;
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

void
handler_stderr_drain(void)
{
	char text[READ_BYTES];
	int saved = errno, i;
	ssize_t n;

	if (reader == 0)
		return;
	for (i = 0; i < READS_AT_ONCE; i++) {
		n = read(reader, text, sizeof(text));
		if (n <= 0)
			break;
		put_lines(text, (size_t)n);
	}
	errno = saved;
}
