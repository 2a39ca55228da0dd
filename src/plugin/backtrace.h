/*
 * Backtrace: the functions that the process was in, as lines of the error log.
 * Usable in a signal handler, on memory that may be damaged.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_BACKTRACE_H
#define PRONG_PLUGIN_BACKTRACE_H

/* In a signal handler: logs a line a frame, "FILE(+OFFSET) [ADDRESS]
 * FUNCTION+OFFSET", from the function that the signal has interrupted on. The
 * first offset is the one that addr2line(1) takes. */
void backtrace_log(void);

#endif
