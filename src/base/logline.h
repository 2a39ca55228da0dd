/*
 * Writes a line to a log, which may be a file, a pipe, a terminal or a socket.
 * A line is written whole or not at all, as far as the kernel allows. No
 * connection waits long for a log that is not read: its lines are dropped.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_LOGLINE_H
#define PRONG_BASE_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most PIPE_BUF: a pipe takes such a line whole or not (POSIX write). */
#define LOGLINE_MAX_BYTES 4096

/* How long a line waits for room in all. A reader that is only busy has read on
 * by then; meanwhile the lines behind it wait. */
#define LOGLINE_WAIT_MS 100

/* After a dropped line, no line waits for so long. */
#define LOGLINE_PAUSE_MS 5000

enum logline_kind {
	LOGLINE_PLAIN, /* write(2) does not wait for a reader */
	LOGLINE_FILE,  /* the same, and takes more than a line */
	LOGLINE_SOCKET,
	LOGLINE_SHARED /* write(2) would */
};

/* A log. Zeroed, it is a plain file without a line. */
struct logline {
	enum logline_kind kind;
	bool is_cut;	       /* the log ends within a line */
	int64_t patient_at_ms; /* lines wait from then on */
};

/* Finds out the kind of log. To be called before the first line, and again for
 * each other descriptor. */
void logline_open(struct logline *log, int fd);

/*
 * Writes a line with its LF. 0, or -1 and errno when the line was dropped:
 * EAGAIN when the reader is too slow, EPIPE when there is none, ENOSPC and so
 * on. If a part of the line was written, the next line of this process begins
 * with LF.
 */
int logline_write(struct logline *log, int fd, const char *line, size_t length);

/* Writes lines, each with its LF: into a file by one call, else one after the
 * other. Returns the number of those that were dropped; errno is then that of the
 * last. */
size_t logline_write_lines(struct logline *log, int fd, const char *lines,
    size_t length);

/* The cause of an error of logline_write, as text for messages. */
const char *logline_reason(int error);

#endif
