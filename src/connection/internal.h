/*
 * What the parts of a connection share, for them alone:
 *
 *	connection.c		the life of a connection
 *	connection_proxy.c	reads a proxy's header, before the first request
 *	connection_head.c	waits for a request, and reads its head
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_INTERNAL_H
#define PRONG_CONNECTION_INTERNAL_H

#include <stdint.h>

#include "base/address.h"
#include "config/limit.h"
#include "connection/connection.h"
#include "connection/dispatch.h"
#include "http/head.h"
#include "message/channel.h"
#include "message/request.h"

struct connection {
	const struct connection_arguments *arguments;
	const struct limits *limits; /* those in force while waiting */
	struct channel channel;	     /* what requests share */
	struct confinement confinement;
	struct http_head head;
	struct http_field *fields; /* of head */
	struct request request;
	enum http_verdict verdict;
	int64_t head_deadline_ms; /* INT64_MAX: nothing has come yet */
	char client_host[ADDRESS_TEXT_BYTES]; /* made when it is logged */
};

/* What came of waiting for a head. */
enum arrival {
	ARRIVAL_COMPLETE,
	ARRIVAL_REFUSED,  /* not well-formed: see verdict */
	ARRIVAL_SLOW,	  /* it began, and did not end in time */
	ARRIVAL_IDLE,	  /* nothing came in time */
	ARRIVAL_ORPHANED, /* nothing came and the generation ended */
	ARRIVAL_GONE,	  /* the client ended */
	ARRIVAL_FOREIGN	  /* a proxy that is none */
};

/* Waits for octets until the deadline, or for a moment longer than the
 * generation lives. ARRIVAL_COMPLETE: there are some, or the client ended. */
enum arrival connection_wait(struct connection *connection,
    int64_t deadline_ms);

/* Before the first request. A trusted proxy that does not name its client gets
 * no response: the client must not pass for the proxy. */
enum arrival connection_meet_proxy(struct connection *connection);

/* The head of the next request, within the limits in force. */
enum arrival connection_read_head(struct connection *connection);

#endif
