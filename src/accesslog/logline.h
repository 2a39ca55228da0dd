/*
 * Writing a line to a log that may be anything: a file, a pipe, a terminal, a
 * socket. A line is written whole or not at all, as far as the kernel lets one
 * see to it, and a reader that does not read makes nobody wait for long: lines
 * are dropped then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ACCESSLOG_LOGLINE_H
#define PRONG_ACCESSLOG_LOGLINE_H

#include <stddef.h>

/* Up to PIPE_BUF, so that a pipe takes it whole or not at all (POSIX write). */
#define LOGLINE_MAX_BYTES 4096

/* How long a line waits for room in all. A reader that is only busy has read
 * on by then; a client whose connection logs waits for its next response. */
#define LOGLINE_WAIT_MS 100

/* For how long no line waits after one has been dropped. */
#define LOGLINE_PAUSE_MS 5000

/* Learns what kind of a log that is. Once before the first line, in this
 * process or the one that forks it, and again for each other descriptor. */
void logline_open(int fd);

/*
 * Writes a line with its LF. 0, or -1 and errno when it was dropped: EAGAIN
 * when the reader is too slow, EPIPE when there is none, ENOSPC and so on. When
 * a part of it was written, a LF comes before the next line of this process.
 */
int logline_write(int fd, const char *line, size_t length);

/* A line was dropped, here or in a child: none waits for LOGLINE_PAUSE_MS. */
void logline_pause(void);

/* What is wrong with a log whose writes end in that error: for messages. */
const char *logline_reason(int error);

#endif
