/*
 * The access log. See accesslog.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/accesslog.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "accesslog/internal.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/logline.h"
#include "config/log_format.h"

size_t
accesslog_format_line(char *text, size_t size, const char *format,
    const struct accesslog_entry *entry)
{
	struct accesslog_line line = { .at = text, .end = text + size - 2 };

	assert(size >= ACCESSLOG_MIN_BYTES);
	if (strcmp(format, LOG_FORMAT_JSON) == 0)
		accesslog_put_json(&line, entry);
	else
		accesslog_put_format(&line, format, entry);
	*line.at++ = '\n';
	return (size_t)(line.at - text);
}

static size_t
count_clients(const char *format)
{
	char name[LOG_NAME_BYTES];
	size_t count = 0;

	while (*format != '\0')
		count += log_format_next(&format, name) == LOG_CLIENT;
	return count;
}

static size_t
count_marks(const char *text, size_t length)
{
	size_t count = 0, i;

	for (i = 0; i < length; i++)
		count += text[i] == ACCESSLOG_CLIENT[0];
	return count;
}

/* The one member of that name has the mark alone. */
static bool
has_json_client(const char *text, size_t length)
{
	static const char name[] = "\"client\":";
	static const char member[] = "\"client\":\"" ACCESSLOG_CLIENT "\"";
	const size_t bytes = sizeof(name) - 1;
	const char *at = memmem(text, length, name, bytes);
	size_t left = at ? length - (size_t)(at - text) : 0;

	return at && left >= sizeof(member) - 1 &&
	    memcmp(at, member, sizeof(member) - 1) == 0 &&
	    !memmem(at + bytes, left - bytes, name, bytes) &&
	    count_marks(text, length) == 1;
}

bool
accesslog_has_client(const char *format, const char *text, size_t length)
{
	char name[LOG_NAME_BYTES];
	const char *next = format;
	size_t wanted, marks;

	if (strcmp(format, LOG_FORMAT_JSON) == 0)
		return has_json_client(text, length);
	wanted = count_clients(format);
	marks = count_marks(text, length);
	if (log_format_next(&next, name) == LOG_CLIENT &&
	    (length == 0 || text[0] != ACCESSLOG_CLIENT[0]))
		return false;
	/* A line that is too long ends before its last marks. */
	return marks == wanted ||
	    (marks < wanted && length >= LOGLINE_MAX_BYTES / 2);
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
accesslog_write(int fd, const char *format, const struct accesslog_entry *entry)
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
