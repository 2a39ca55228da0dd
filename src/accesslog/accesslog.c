/*
 * The access log. See accesslog.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/accesslog.h"

#include <assert.h>
#include <string.h>

#include "accesslog/internal.h"
#include "accesslog/logline.h"
#include "base/log.h"
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

int
accesslog_write(int fd, const char *format, const struct accesslog_entry *entry)
{
	char line[LOGLINE_MAX_BYTES];
	size_t length = accesslog_format_line(line, sizeof(line), format,
	    entry);
	int result = logline_write(fd, line, length);

	if (result == 0)
		log_debug("write(%d) = %zu", fd, length);
	else
		log_debug("write(%d) = -1: %m", fd);
	return result;
}
