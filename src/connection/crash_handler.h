/*
 * Crash handler: runs in a connection's process when a fatal signal ends it. It
 * sends a 500 when no octet of the response has gone out, else makes sure that
 * the response looks cut; then it logs a line; then it tries a backtrace; then
 * the signal's default action follows. A fault in one step leads to the next.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CRASH_HANDLER_H
#define PRONG_CONNECTION_CRASH_HANDLER_H

struct sender;
struct scoreboard_page;

/* The request that is being handled. Pointers must live until
 * crash_handler_end; what they lead to may be damaged by then, and is only
 * shown. */
struct crash_handler_request {
	int out; /* the client */
	const struct sender *sender;
	struct scoreboard_page *page;
	const char *client, *route, *handler;
};

/* Catches the fatal signals, on a stack of its own; inherited by every fork.
 * After the handlers were opened, so that it is the last to do so. */
void crash_handler_open(void);

/* A handler is about to be called, and has returned. */
void crash_handler_begin(const struct crash_handler_request *request);
void crash_handler_end(void);

#endif
