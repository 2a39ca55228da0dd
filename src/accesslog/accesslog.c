/*
 * The access log. See accesslog.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/accesslog.h"

#include <assert.h>
#include <errno.h>

#include "accesslog/internal.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/logline.h"
#include "config/log_format.h"

size_t
accesslog_format_line(char *text, size_t size, const struct log_format *format,
    const struct accesslog_entry *entry)
{
	struct accesslog_line line = { .at = text, .end = text + size - 2 };

	assert(size >= ACCESSLOG_MIN_BYTES);
	if (format->is_json)
		accesslog_put_json(&line, entry);
	else
		accesslog_put_format(&line, format, entry);
	*line.at++ = '\n';
	return (size_t)(line.at - text);
}

static struct logline log_at_fd;

void
accesslog_open(int fd)
{
	logline_open(&log_at_fd, fd);
}

static int
write_line(int fd, const char *line, size_t length)
{
	if (!log_channel_is_open())
		return logline_write(&log_at_fd, fd, line, length);
	if (log_channel_put(RINGS_ACCESS, 0, line, length - 1) == 0)
		return 0;
	errno = EAGAIN;
	return -1;
}

int
accesslog_write(int fd, const struct log_format *format,
    const struct accesslog_entry *entry)
{
	char line[LOGLINE_MAX_BYTES];
	size_t length = accesslog_format_line(line, sizeof(line), format,
	    entry);
	int result = write_line(fd, line, length);

	if (result == 0)
		log_debug("%zu octets for the access log", length);
	else
		log_debug("a line of the access log is dropped: %m");
	return result;
}
