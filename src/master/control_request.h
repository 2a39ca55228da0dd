/*
 * What a client of the control socket asks for (base/control_protocol.h), and then
 * waits for: its topic.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_CONTROL_REQUEST_H
#define PRONG_MASTER_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

enum control_topic {
	CONTROL_NOTHING, /* has not asked yet */
	CONTROL_STATUS,
	CONTROL_RELOAD,
	CONTROL_NEXT_RELOAD, /* the one after that under way */
	CONTROL_UPGRADE,
	CONTROL_REOPEN,
	CONTROL_STOP,
	CONTROL_STOP_NOW,
	CONTROL_DRAIN
};

struct control_request {
	enum control_topic topic; /* that its client is put under */
	int64_t time_ms;	  /* CONTROL_DRAIN */
};

/* The request of a message, which this may change: topic CONTROL_NOTHING when it
 * is none. */
struct control_request control_request_parse(char *message);

/* Whether clients may wait long for that. */
bool control_request_takes_long(enum control_topic topic);

#endif
