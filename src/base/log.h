/*
 * The error log: one line, one write(2) to standard error or one datagram to
 * /dev/log. Octets of a client may stand in a message: every octet that is not
 * printable ASCII is written as \xHH, so that a line stays a line and a
 * terminal unharmed.
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

/* Before the first call: plain, info. Inherited by every fork. */
void log_open(enum log_style style, enum log_level level);

/* From here on times are made without libc, which keeps the rules of the zone
 * on the heap: for a process whose memory is damaged. */
void log_distrust_memory(void);

/* The style for a daemon whose errors go to standard error: that of the
 * journal when JOURNAL_STREAM says that this is its, else stamped. */
enum log_style log_style_stderr(void);

bool log_enabled(enum log_level level);

/* Errors and warnings go there too, a message of a SEQPACKET socket each:
 * LOG_COPY, a space, the level's name, ": " and the text. -1: no longer.
 * Whoever reads it tells a person why a reload failed. */
#define LOG_COPY "said"
void log_copy_to(int fd);

/* The text of the last error that was logged. */
const char *log_last_error(void);
/* How a datagram to /dev/log begins (RFC 3164 4.1, without the host, as is the
 * custom there). Its length. */
size_t log_syslog_prefix(char *line, size_t size, enum log_level level,
    const struct tm *tm, long pid);

#define LOG_PRINTF(f, a) __attribute__((__format__(__printf__, f, a)))

void log_error(const char *format, ...) LOG_PRINTF(1, 2);
void log_warning(const char *format, ...) LOG_PRINTF(1, 2);
void log_info(const char *format, ...) LOG_PRINTF(1, 2);
void log_message(enum log_level level, const char *format, va_list ap)
    LOG_PRINTF(2, 0);

/* The life of a connection, told by its system calls. A macro: at other
 * levels the arguments are not even computed. */
#define log_debug(...) \
	do { \
		if (log_enabled(LEVEL_DEBUG)) \
			log_debug_line(__VA_ARGS__); \
	} while (0)
void log_debug_line(const char *format, ...) LOG_PRINTF(1, 2);

#endif
