/*
 * A request, from its complete head to its logged response, and the questions
 * of handlers about it (handler_api.c). Data that outlives a request is in the
 * channel and in the connection.
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

/* Has only data of one request: request_begin sets all members. */
struct request {
	struct prong_request public; /* for handlers; must be first */
	struct channel *channel;     /* of its connection */
	const struct http_head *head;
	int64_t started_us; /* clock_us */
	uint64_t turn;	    /* before which it has begun; 0: unknown */

	/* The target as handlers and logs get it, with a NUL: as sent, or
	 * encoded where the client should have done it. */
	struct slice target_text;
	struct uri_target target; /* points into target_text */
	char *path;		  /* decoded and normalised */
	size_t path_length;
	bool has_slash_marks;	   /* path has URI_SLASH_MARK: until routed */
	const struct route *route; /* NULL before routing */
	bool is_refused;	   /* malformed or unsupported */
	bool moves_on;		   /* to another process */
	bool is_uncounted;	   /* a handler has asked for it */
	const struct handler *handler; /* now called; NULL: none */
	const char *exceeded; /* the limit of time; NULL: none (netio_lift) */
	const char *host;     /* made by request_host */
	const char *id;	      /* made by request_id */
	const char *protocol;
	struct note *notes;
	struct body body;
	struct response response;
	struct sender sender;
};

/*
 * Begins a request with a complete head, or with an incomplete one that will be
 * refused. Sets all members, so no data of the previous request stays. api is
 * the table of functions for handlers; channel and head are borrowed for as
 * long as the request lasts.
 */
void request_begin(struct request *request, const struct prong_request_api *api,
    struct channel *channel, const struct http_head *head);

/* Whether other clients are served in this process, and the request can still go
 * to one of its own. */
bool request_may_move(const struct request *request);

/* The turn of netio, if the request had begun before it; else 0. */
uint64_t request_turn(const struct request *request);

/* The limits of the route, or the server's. */
const struct limits *request_limits(const struct request *request);

/* Parses the target and decodes the path. Returns 0, or the status of a refusal
 * and its *reason, which is constant text. */
int request_parse_target(struct request *request, const char **reason);

/* Makes the path that handlers get, once the route is known: one whose path has
 * encoded slashes is only for a route that keeps them. Returns as
 * request_parse_target. */
int request_settle_path(struct request *request, const char **reason);

/* The host of the target or of Host, in lower case, without port; "": none. */
const char *request_host(struct request *request);

/* The id (request_id.h), which lives as long as the request; "": there is no
 * memory. */
const char *request_id(struct request *request);

/* The values of all lines of that name, joined (RFC 9110 5.3); NULL: none. */
const char *request_field(struct request *request, const char *name);

/* The decoded value of a parameter of the query; NULL when absent. */
const char *request_query(struct request *request, const char *name);

/* The part of the path behind the route. */
const char *request_path_info(const struct request *request);

const char *request_note(const struct request *request, const char *name);
int request_set_note(struct request *request, const char *name,
    const char *value);

/* "GET /path HTTP/1.1", cut at size. Returns out. */
const char *request_line(const struct request *request, char *out, size_t size);

#endif
