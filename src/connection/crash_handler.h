/*
 * The crash handler runs on a fatal signal, in the generation and its
 * connections. It sends a 500 (after a timer's signal a 503) if no octet of the
 * response is sent, else makes the response look cut. Then it has the request
 * recorded, and logs a line and a backtrace. Then the signal takes its default
 * action. A fault in one step leads to the next.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CRASH_HANDLER_H
#define PRONG_CONNECTION_CRASH_HANDLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/job.h"
#include "sandbox/quota.h"

struct sender;

/* The last words of a connection: what is to be done and said if the process ends
 * in a handler of it. The connection has them among its own data, and sets the
 * first group of members, job.client and job.page. All it points to is only shown:
 * the handler may have damaged it. */
struct last_words {
	struct job job; /* must be first */
	int out;	/* the client */
	const struct sender *sender;
	/* Records the request in whose handler the process ends: the status
	 * that was sent, and the octets of content. NULL: nobody does. */
	void (*record)(struct last_words *words, int status, uint64_t bytes);
	/* Others are to see what the page says. NULL: they see it. */
	void (*show)(struct last_words *words);
	/* Writes the id of the request, in REQUEST_ID_BYTES octets. NULL: it has
	 * none. */
	void (*identify)(struct last_words *words, char *id);
	const char *id_field; /* of the response, for the id; NULL: none */

	struct tally *tally; /* NULL: none */

	/* While a handler is at work. */
	struct quota quota;
	uint64_t sent_before;
	bool is_head;
};

/* What the process has besides the connection whose handler ends it. */
enum crash_handler_way {
	CRASH_HANDLER_LINGERS, /* nothing: it may wait for the client */
	CRASH_HANDLER_HURRIES  /* other connections: it waits for nothing */
};

/* Catches the fatal signals, on a stack of its own, in every fork. To be called
 * after the handlers were opened, since these may catch signals, too. */
void crash_handler_open(void);

/* Before the first connection; without it the process lingers. */
void crash_handler_choose(enum crash_handler_way way);

/* From now on these words are those of this process, or of the fiber that runs
 * (job.h). NULL: the connection has ended. */
void crash_handler_take(struct last_words *words);

/* Before a handler is called with its quota, and after it has returned. The names
 * live until then. */
void crash_handler_begin(struct last_words *words, const char *route,
    const char *handler);
void crash_handler_end(struct last_words *words);

#endif
