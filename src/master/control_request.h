/*
 * The request of a client of the control socket (base/control_protocol.h). Its
 * topic says which messages the client waits for afterwards.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_CONTROL_REQUEST_H
#define PRONG_MASTER_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

enum control_topic {
	CONTROL_NOTHING, /* no request yet */
	CONTROL_STATUS,
	CONTROL_RELOAD,
	CONTROL_NEXT_RELOAD, /* the reload after the present one */
	CONTROL_UPGRADE,
	CONTROL_REOPEN,
	CONTROL_STOP,
	CONTROL_STOP_NOW,
	CONTROL_DRAIN,
	CONTROL_FIGURES
};

struct control_request {
	enum control_topic topic; /* that its client is put under */
	int64_t time_ms;	  /* CONTROL_DRAIN */
};

/* The request in a message, whose text this may change. The topic is
 * CONTROL_NOTHING when the message is no request. */
struct control_request control_request_parse(char *message);

/* Whether clients under that topic may wait long. */
bool control_request_takes_long(enum control_topic topic);

#endif
