/*
 * The error log: each line is one write(2) to standard error or one datagram to
 * /dev/log. Generations and connections put their lines into rings
 * (log_channel.h), and their log process writes them. No process waits long for
 * a log that is not read: lines are dropped, and their number is logged. A message may contain octets of a client: every octet that is not
 * printable ASCII is written as \xHH, so that it can neither begin a new line
 * nor control a terminal.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_LOG_H
#define PRONG_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct tm;

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

enum log_style {
	LOG_STYLE_PLAIN,   /* "prongd: error: ..."; for a person's command */
	LOG_STYLE_STAMPED, /* with time and pid; for a daemon */
	LOG_STYLE_JOURNAL, /* "<3>..." as systemd reads it (sd-daemon(3)) */
	LOG_STYLE_SYSLOG
};

/* Sets style and level; before the first call they are plain and info. Forked
 * processes inherit them. */
void log_open(enum log_style style, enum log_level level);

/* For a process whose memory may be damaged: later lines compute the time
 * without libc, which keeps the rules of the zone on the heap. */
void log_distrust_memory(void);

/* The style for a daemon that logs to standard error: that of the journal when
 * JOURNAL_STREAM says that standard error is the journal's, else stamped. */
enum log_style log_style_stderr(void);

bool log_enabled(enum log_level level);

/* Errors and warnings are also sent to fd, a SEQPACKET socket, so that prong(1)
 * can print why a reload failed. A message is LOG_COPY, a space, the name of
 * the level, ": " and the text. -1 ends the copies. */
#define LOG_COPY "said"
void log_copy_to(int fd);

/* In the log process: writes a line that the process with that number has put
 * into its ring, and a line of its backtrace. -1: the line was dropped. */
int log_pass_on(enum log_level level, long pid, const char *text);
int log_pass_on_frame(const char *text);

/* A line of the crash handler's backtrace, without its LF. */
void log_frame_line(const char *text);

/* The socket to /dev/log, -1 for none; its number may be changed. */
int *log_syslog_descriptor(void);

/* Standard error is another file now. */
void log_reopened(void);

/* The text of the last error that was logged. */
const char *log_last_error(void);

/* How many warnings were logged, also before the fork of this process. */
unsigned log_warnings(void);

/* Writes the beginning of a datagram to /dev/log (RFC 3164 4.1, without the
 * host, as is usual there). Returns its length. */
size_t log_syslog_prefix(char *line, size_t size, enum log_level level,
    const struct tm *tm, long pid);

#define LOG_PRINTF(f, a) __attribute__((__format__(__printf__, f, a)))

void log_error(const char *format, ...) LOG_PRINTF(1, 2);
void log_warning(const char *format, ...) LOG_PRINTF(1, 2);
void log_info(const char *format, ...) LOG_PRINTF(1, 2);
void log_message(enum log_level level, const char *format, va_list ap)
    LOG_PRINTF(2, 0);

/* Logs a system call at level debug. As this is a macro, the arguments are not
 * computed at other levels. */
#define log_debug(...) \
	do { \
		if (log_enabled(LEVEL_DEBUG)) \
			log_debug_line(__VA_ARGS__); \
	} while (0)
void log_debug_line(const char *format, ...) LOG_PRINTF(1, 2);

#endif
