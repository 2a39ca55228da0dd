/*
 * The crash handler runs on a fatal signal, in the generation and its
 * connections. It sends a 500 (after a timer's signal a 503) if no octet of the
 * response is sent, else makes the response look cut. Then it has the request
 * recorded, and logs a line and a backtrace. Then the signal takes its default action. A fault in one step leads
 * to the next.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CRASH_HANDLER_H
#define PRONG_CONNECTION_CRASH_HANDLER_H

#include <stdint.h>

struct sender;
struct scoreboard_page;

/* The request in a handler. The pointers must live until crash_handler_end.
 * The handler may have damaged the memory behind them; it is only shown. */
struct crash_handler_request {
	int out; /* the client */
	const struct sender *sender;
	struct scoreboard_page *page;
	const char *client, *route, *handler;
};

/* Catches the fatal signals, on a stack of its own, in every fork. To be called
 * after the handlers were opened, since these may catch signals, too. */
void crash_handler_open(void);

/* From now on that function records a request in whose handler the process ends:
 * the status that was sent, and the octets of content. */
void crash_handler_record_by(void (*record)(int status, uint64_t bytes));

/* Before a handler is called, and after it has returned. */
void crash_handler_begin(const struct crash_handler_request *request);
void crash_handler_end(void);

#endif
