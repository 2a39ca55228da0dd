/*
 * A request, from its complete head to its logged response, and what handlers
 * may ask about it (handler_api.c). What outlives a request stands elsewhere:
 * in the channel and in the connection.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_REQUEST_H
#define PRONG_MESSAGE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <prong/handler.h>

#include "http/head.h"
#include "http/uri.h"
#include "message/body.h"
#include "message/response.h"
#include "message/sender.h"

struct channel;
struct handler;
struct limits;
struct route;

struct note {
	struct note *next;
	const char *name, *value;
};

/* Nothing but what belongs to one request: request_begin sets all of it. */
struct request {
	struct prong_request public; /* what handlers see: first */
	struct channel *channel;     /* of its connection */
	const struct http_head *head;
	int64_t started_us; /* clock_us */

	struct uri_target target;
	char *path; /* decoded and normalised */
	size_t path_length;
	const struct route *route;     /* NULL before routing */
	bool is_refused;	       /* malformed */
	bool moves_on;		       /* to another process, unanswered */
	const struct handler *handler; /* being asked; NULL: none */
	const char *host;	       /* made when asked for */
	const char *protocol;
	struct note *notes;
	struct body body;
	struct response response;
	struct sender sender;
};

/*
 * Begins with a head that is complete, or one that is not and will be refused.
 * Nothing of a request before stays: the whole structure is set anew. api is
 * the table of functions that handlers find in the request; channel and head
 * are borrowed for as long as the request lasts.
 */
void request_begin(struct request *request, const struct prong_request_api *api,
    struct channel *channel, const struct http_head *head);

/* The limits of the route, or the server's. */
const struct limits *request_limits(const struct request *request);

/* Takes the target apart, decodes the path. Returns 0 or a status, and then
 * *reason is constant text. */
int request_parse_target(struct request *request, const char **reason);

/* The host asked for, in lower case and without port; "" for none. */
const char *request_host(struct request *request);

/* All lines of that name joined (RFC 9110 5.3); NULL when there are none. */
const char *request_field(struct request *request, const char *name);

/* The decoded value of a parameter of the query; NULL when absent. */
const char *request_query(struct request *request, const char *name);

/* What follows the route in the path. */
const char *request_path_info(const struct request *request);

const char *request_note(const struct request *request, const char *name);
int request_set_note(struct request *request, const char *name,
    const char *value);

/* "GET /path HTTP/1.1", cut at size. Returns out. */
const char *request_line(const struct request *request, char *out, size_t size);

#endif
