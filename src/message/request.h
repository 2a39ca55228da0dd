/*
 * A request, from its complete head to its logged answer, and what handlers
 * may ask about it (handler_api.c).
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

struct arena;
struct configuration;
struct door;
struct handler;
struct input;
struct limits;
struct netio;
struct route;
struct scoreboard_page;

struct note {
	struct note *next;
	const char *name, *value;
};

struct request {
	struct prong_request public; /* what handlers see: first */
	const struct door *door;
	const struct configuration *configuration;
	const char *client;	       /* "192.0.2.1:4711" */
	const struct route *sandboxed; /* whose rules hold; NULL: none yet */
	bool moves_on;		       /* to another process, unanswered */
	struct arena *arena;
	struct netio *io;
	struct input *input;
	struct scoreboard_page *page;

	struct http_head head;
	struct uri_target target;
	char *path; /* decoded and normalised */
	size_t path_length;
	const struct route *route;     /* NULL before routing */
	bool is_refused;	       /* malformed */
	const struct handler *handler; /* being asked; NULL: none */
	const char *host;	       /* made when asked for */
	const char *protocol;
	struct note *notes;
	struct body body;
	struct response response;
};

/*
 * Begins with a head that is complete, or one that is not and will be refused.
 * The members up to head are set by the caller.
 */
void request_begin(struct request *request);

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
