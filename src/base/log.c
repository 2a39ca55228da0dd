/*
 * The error log. A line is built on the stack, without allocation, so that a
 * process that is out of memory can still log that.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/log_channel.h"
#include "base/logline.h"

/* A longer line is cut. The limit is below PIPE_BUF, so that lines that several
 * processes write to a pipe never mix (POSIX write). */
#define LINE_MAX_BYTES 2048

static enum log_style log_style = LOG_STYLE_PLAIN;
static enum log_level log_level = LEVEL_INFO;
static long zone_seconds; /* east of UTC, at the latest line */
static bool distrusts_memory;
static int copy_fd = -1;
static char last_error[LINE_MAX_BYTES];
static unsigned warnings;
static int syslog_socket = -1;
static struct logline standard_error;
static size_t lost;    /* lines that were dropped and not reported */
static int lost_error; /* errno of the last */

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LEVEL_ERROR] = { "error", LOG_ERR },
	[LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LEVEL_INFO] = { "info", LOG_INFO },
	[LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

/* The socket is opened early, as a sandbox may forbid that later. A daemon that
 * does not read can delay a line by LOGLINE_WAIT_MS at most. */
static void
open_syslog(void)
{
	static const struct timeval wait = { .tv_usec = 1000 *
		    LOGLINE_WAIT_MS };

	syslog_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (syslog_socket >= 0 &&
	    setsockopt(syslog_socket, SOL_SOCKET, SO_SNDTIMEO, &wait,
		sizeof(wait)) < 0) {
		/* Then a line waits for the daemon without limit. */
	}
}

void
log_open(enum log_style style, enum log_level level)
{
	log_style = style;
	log_level = level;
	if (style == LOG_STYLE_SYSLOG && syslog_socket < 0)
		open_syslog();
	log_reopened();
	tzset();
}

void
log_reopened(void)
{
	logline_open(&standard_error, STDERR_FILENO);
}

int *
log_syslog_descriptor(void)
{
	return &syslog_socket;
}

enum log_style
log_style_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	/* The variable may be inherited by a process whose standard error is
	 * another file (systemd.exec(5)). */
	if (stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	    st.st_ino == inode)
		return LOG_STYLE_JOURNAL;
	return LOG_STYLE_STAMPED;
}

void
log_copy_to(int fd)
{
	copy_fd = fd;
}

const char *
log_last_error(void)
{
	return last_error;
}

unsigned
log_warnings(void)
{
	return warnings;
}

bool
log_enabled(enum log_level level)
{
	return level <= log_level;
}

void
log_distrust_memory(void)
{
	distrusts_memory = true;
}

/*
 * Not syslog(3): it takes locks and memory, and after a restart of the log
 * daemon it opens another socket, for which the sandbox ends the process. A
 * socket that is not connected reaches the restarted daemon by its path.
 */
static int
send_to_syslog(const char *line, size_t n)
{
	static const struct sockaddr_un to = { AF_UNIX, "/dev/log" };

	return sendto(syslog_socket, line, n, MSG_NOSIGNAL,
		   (const struct sockaddr *)&to, sizeof(to)) < 0 ?
	    -1 :
	    0;
}

size_t
log_syslog_prefix(char *line, size_t size, enum log_level level,
    const struct tm *tm, long pid)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int n = snprintf(line, size, "<%d>%s %2d %02d:%02d:%02d prongd[%ld]: ",
	    LOG_DAEMON | levels[level].priority, months[tm->tm_mon],
	    tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, pid);

	return n < 0 ? 0 : (size_t)n;
}

/* Sets the date of a day counted from 1970 on. */
static void
set_date(struct tm *tm, int64_t days)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	int year = 1970, month = 0, leap;

	for (;; year++) {
		leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		if (days < 365 + leap)
			break;
		days -= 365 + leap;
	}
	for (; days >= lengths[month] + (month == 1 && leap); month++)
		days -= lengths[month] + (month == 1 && leap);
	tm->tm_year = year - 1900;
	tm->tm_mon = month;
	tm->tm_mday = (int)days + 1;
}

static void
local_time(struct tm *tm)
{
	time_t now = time(NULL);

	if (!distrusts_memory) {
		localtime_r(&now, tm);
		zone_seconds = tm->tm_gmtoff;
		return;
	}
	now += zone_seconds;
	set_date(tm, now / 86400);
	tm->tm_hour = (int)(now / 3600 % 24);
	tm->tm_min = (int)(now / 60 % 60);
	tm->tm_sec = (int)(now % 60);
}

static size_t
put_prefix(char *line, size_t size, enum log_level level, long pid)
{
	struct tm tm;
	int n;

	switch (log_style) {
	case LOG_STYLE_STAMPED:
		local_time(&tm);
		n = snprintf(line, size,
		    "%04d-%02d-%02d %02d:%02d:%02d prongd[%ld]: %s: ",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec, pid, levels[level].name);
		break;
	case LOG_STYLE_JOURNAL:
		n = snprintf(line, size, "<%d>", levels[level].priority);
		break;
	case LOG_STYLE_SYSLOG:
		local_time(&tm);
		return log_syslog_prefix(line, size, level, &tm, pid);
	case LOG_STYLE_PLAIN:
	default:
		n = snprintf(line, size, "prongd: %s: ", levels[level].name);
		break;
	}
	return n < 0 ? 0 : (size_t)n;
}

/* Copies text, with octets that are not printable as \xHH; cuts it at size. */
static size_t
put_escaped(char *line, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c < 0x7f) {
			if (n + 1 > size)
				break;
			line[n++] = (char)c;
			continue;
		}
		if (n + 4 > size)
			break;
		line[n++] = '\\';
		line[n++] = 'x';
		line[n++] = hex[c >> 4];
		line[n++] = hex[c & 15];
	}
	return n;
}

/* The copy is dropped when its reader is slow: the log has the line. */
static void
send_copy(enum log_level level, const char *text)
{
	char message[LINE_MAX_BYTES];
	int n = snprintf(message, sizeof(message),
	    LOG_COPY " %s: ", levels[level].name);
	size_t length = (size_t)n;

	length += put_escaped(message + length, sizeof(message) - length, text);
	send(copy_fd, message, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int
write_line(enum log_level level, long pid, const char *text)
{
	char line[LINE_MAX_BYTES];
	size_t n = put_prefix(line, sizeof(line), level, pid);

	n += put_escaped(line + n, sizeof(line) - n - 1, text);
	if (log_style == LOG_STYLE_SYSLOG)
		return send_to_syslog(line, n);
	line[n++] = '\n';
	return logline_write(&standard_error, STDERR_FILENO, line, n);
}

/* After the first line that could be written again. */
static void
report_lost(void)
{
	char text[128];

	snprintf(text, sizeof(text),
	    "%zu line%s of the error log %s dropped: %s", lost,
	    lost == 1 ? "" : "s", lost == 1 ? "was" : "were",
	    logline_reason(lost_error));
	if (write_line(LEVEL_WARNING, (long)getpid(), text) == 0)
		lost = 0;
}

int
log_pass_on(enum log_level level, long pid, const char *text)
{
	if (write_line(level, pid, text) < 0) {
		lost++;
		lost_error = errno;
		return -1;
	}
	if (lost > 0)
		report_lost();
	return 0;
}

int
log_pass_on_frame(const char *text)
{
	char line[LINE_MAX_BYTES];
	size_t n = put_escaped(line, sizeof(line) - 1, text);

	line[n++] = '\n';
	return logline_write(&standard_error, STDERR_FILENO, line, n);
}

void
log_frame_line(const char *text)
{
	if (log_channel_is_open())
		log_channel_put(RINGS_FRAME, LEVEL_ERROR, text, strlen(text));
	else
		log_pass_on_frame(text);
}

/* The log process escapes the text, and adds time and process. */
static void
put_into_ring(enum log_level level, const char *text)
{
	size_t missing = log_channel_take_lost();
	char line[128];

	if (missing > 0) {
		snprintf(line, sizeof(line),
		    "%zu lines of this process were dropped: the log process "
		    "is too slow",
		    missing);
		log_channel_put(RINGS_ERROR, LEVEL_WARNING, line, strlen(line));
	}
	log_channel_put(RINGS_ERROR, level, text, strlen(text));
}

void
log_message(enum log_level level, const char *format, va_list ap)
{
	char text[LINE_MAX_BYTES];
	int saved = errno;

	if (!log_enabled(level))
		return;
	vsnprintf(text, sizeof(text), format, ap);
	if (level == LEVEL_ERROR)
		memcpy(last_error, text, sizeof(last_error));
	if (level == LEVEL_WARNING)
		warnings++;
	if (copy_fd >= 0 && level <= LEVEL_WARNING)
		send_copy(level, text);
	if (log_channel_is_open())
		put_into_ring(level, text);
	else
		log_pass_on(level, (long)getpid(), text);
	errno = saved;
}

#define LOG_AT(level) \
	do { \
		va_list ap; \
		va_start(ap, format); \
		log_message(level, format, ap); \
		va_end(ap); \
	} while (0)

void
log_error(const char *format, ...)
{
	LOG_AT(LEVEL_ERROR);
}

void
log_warning(const char *format, ...)
{
	LOG_AT(LEVEL_WARNING);
}

void
log_info(const char *format, ...)
{
	LOG_AT(LEVEL_INFO);
}

void
log_debug_line(const char *format, ...)
{
	LOG_AT(LEVEL_DEBUG);
}
