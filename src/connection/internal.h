/*
 * What the parts of a connection share, for them alone:
 *
 *	connection.c		the life of a connection
 *	connection_proxy.c	whom a proxy speaks for, before the first request
 *	connection_head.c	waits for a request, and reads its head
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_INTERNAL_H
#define PRONG_CONNECTION_INTERNAL_H

#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "config/limit.h"
#include "connection/connection.h"
#include "http/head.h"
#include "message/input.h"
#include "message/netio.h"
#include "message/request.h"

struct connection {
	struct door door;	     /* as a proxy may correct it */
	const struct limits *limits; /* those in force while waiting */
	struct netio io;
	struct input input;
	struct arena arena;
	struct request request;
	enum http_verdict verdict;
	uint64_t requests;	  /* answered */
	int64_t started_us;	  /* handling the request */
	int64_t head_deadline_ms; /* INT64_MAX: nothing has come yet */
	char client[ADDRESS_TEXT_BYTES];
	char client_host[ADDRESS_TEXT_BYTES]; /* made when it is logged */
	struct http_field *fields;
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

/* How long it waits for octets once its generation has ended. Before its first
 * request a client is about to ask: unlike one between requests it does not
 * expect to find the connection closed. */
int64_t connection_orphan_ms(const struct connection *connection);

/* Before the first request. A trusted proxy that does not say whom it speaks
 * for gets no answer: its clients must not pass for it. */
enum arrival connection_meet_proxy(struct connection *connection);

/* The head of the next request, within the limits in force. */
enum arrival connection_read_head(struct connection *connection);

#endif
