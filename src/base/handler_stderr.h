/*
 * Standard error of a route's handlers and of the programs that they start: a
 * pipe of the connection's own. Its lines go to the error log, marked. A process
 * that writes more than the pipe holds before it is emptied loses the rest.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_HANDLER_STDERR_H
#define PRONG_BASE_HANDLER_STDERR_H

/* Before the first handler of a connection that has a log channel, or before the
 * fork of its guardian; does nothing in other processes, and at later calls
 * unless all descriptors for writing have been closed. */
void handler_stderr_open(void);

/* In a process that has the pipe open only to read it: standard error is
 * /dev/null again, so that the end of all that write is seen. */
void handler_stderr_leave(void);

/* The descriptor that is readable when a handler has written; -1: none. The wait
 * for the next request polls it, so that no request costs a system call for it. */
int handler_stderr_descriptor(void);

/* Puts what is in the pipe into the log channel: when it is readable, and at the
 * end. Bounded; async-signal-safe. */
void handler_stderr_drain(void);

#endif
