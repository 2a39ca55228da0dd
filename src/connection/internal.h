/*
 * Shared by the parts of a connection only:
 *
 *	connection.c		the life of a connection
 *	connection_memory.c	has its memory
 *	connection_proxy.c	reads a proxy's header, before the first request
 *	connection_head.c	waits for a request, and reads its head
 *	connection_record.c	logs and counts a request
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_INTERNAL_H
#define PRONG_CONNECTION_INTERNAL_H

#include <stdint.h>

#include "base/address.h"
#include "config/limit.h"
#include "connection/confinement.h"
#include "connection/connection.h"
#include "connection/crash_handler.h"
#include "connection/dispatch.h"
#include "http/head.h"
#include "message/channel.h"
#include "message/request.h"

struct connection {
	struct last_words words;
	const struct connection_arguments *arguments;
	const struct limits *limits; /* in force for the next head */
	struct channel channel;	     /* shared by its requests */
	struct confinement confinement;
	struct http_head head;
	struct http_field *fields; /* of head */
	struct request request;
	enum http_verdict verdict;
	int64_t idle_deadline_ms; /* of the wait for the next request */
	int64_t head_deadline_ms; /* INT64_MAX: the head has not begun */
	char client_host[ADDRESS_TEXT_BYTES]; /* made for the access log */
};

/* Opens a connection, but for its buffers. page: where it counts. */
void connection_open(struct connection *connection,
    struct scoreboard_page *page, const struct connection_arguments *arguments,
    const struct configuration *configuration);

/* Serves the connection, which is open and has its buffers, until it ends. */
enum connection_end connection_serve(struct connection *connection);

/* The result of waiting for a head, or for a proxy's header. */
enum arrival {
	ARRIVAL_COMPLETE,
	ARRIVAL_REFUSED,  /* malformed: see verdict */
	ARRIVAL_SLOW,	  /* the head began, but did not end in time */
	ARRIVAL_IDLE,	  /* no octet came in time */
	ARRIVAL_ORPHANED, /* no octet came, and the generation ended, or wants
			   * the place */
	ARRIVAL_RESTS,	  /* no octet came, and others need the memory */
	ARRIVAL_GONE,	  /* the client closed */
	ARRIVAL_FOREIGN	  /* no valid header from a trusted proxy */
};

/* Waits for octets until the deadline, or at most a moment after the end of the
 * generation. ARRIVAL_COMPLETE: there are octets, or the client has closed. */
enum arrival connection_wait(struct connection *connection,
    int64_t deadline_ms);

/* Reads the proxy's header, before the first request. A trusted proxy without a
 * valid header gets no response: its client must not count as the proxy. */
enum arrival connection_meet_proxy(struct connection *connection);

/* Logs and counts the request, whose response was sent or is cut. */
void connection_record(struct connection *connection);

/* In place of connection_record, when the process ends in a handler: the status
 * that was sent, and the octets of content. */
void connection_record_last(struct last_words *words, int status,
    uint64_t bytes);

/* Before that: writes the id of the request. */
void connection_identify_last(struct last_words *words, char *id);

/* After that, if what the page says is to be shown to others. */
void connection_show_last(struct last_words *words);

/* Reads the head of the next request, within the limits in force. */
enum arrival connection_read_head(struct connection *connection);

#endif
