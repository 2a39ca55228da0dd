/*
 * A response as the handlers set it: status, fields, content, and the part of
 * the content that preconditions and ranges select. Only response.c writes the
 * structure; the others call its functions. The sender knows how far the
 * response is sent.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_RESPONSE_H
#define PRONG_MESSAGE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/ranges.h"
#include "message/content.h"

struct arena;
struct http_head;
struct policy;
struct prepared;

/* A request for more ranges gets the whole representation (RFC 9110 14.2). */
#define RESPONSE_RANGES_MAX 64

struct response_field {
	struct response_field *next;
	const char *name, *value;
};

/* "--" and the boundary divide the parts of multipart/byteranges. */
#define RESPONSE_BOUNDARY_BYTES 33

struct response {
	struct arena *arena;
	const struct http_head *head; /* of the request */
	const struct policy *policy;  /* NULL: none */
	bool is_head;		      /* the method is HEAD */
	bool is_begun;		      /* status and fields are decided */

	/* Set by handlers. */
	int status;
	bool has_status;
	const struct prepared *prepared; /* come before fields; or NULL */
	struct response_field *fields;
	const char *etag; /* with its quotes, as sent */
	bool has_last_modified, has_length;
	bool has_content; /* a handler wrote content, even empty */
	int64_t last_modified;
	uint64_t length; /* promised */
	struct content content;

	/* Only content between first and end is sent. */
	uint64_t window_first, window_end;
	const struct range *ranges; /* of a multipart response; else NULL */
	size_t range_count;
	uint64_t total;	    /* of the representation, for ranges */
	bool offers_ranges; /* Accept-Ranges */
	char boundary[RESPONSE_BOUNDARY_BYTES];
};

/* Sets all members. arena, policy and head are borrowed for as long as the
 * response lasts. */
void response_init(struct response *response, struct arena *arena,
    const struct policy *policy, const struct http_head *head);

/* Sets the policy of the site or route in place of the server's. */
void response_set_policy(struct response *response,
    const struct policy *policy);

/* Drops all that a handler set, for the next handler. Not once begun. */
void response_reset(struct response *response);

/* Whether no handler has set or written anything. */
bool response_is_empty(const struct response *response);

/* These have no effect once the response has begun. */
void response_set_status(struct response *response, int status);
void response_set_last_modified(struct response *response, int64_t seconds);
void response_set_length(struct response *response, uint64_t bytes);

/* Notes that a handler writes content, even empty. */
void response_note_content(struct response *response);

/* Sets a field for a handler. 0, or -1 as prong_field. value NULL removes the
 * field. add: keeps other fields of that name. */
int response_set_field(struct response *response, const char *name,
    const char *value, bool add);

/* Sets all fields and validators of a block (prepared.h), which is copied. -1, and
 * nothing is set: something is already, or there is no memory. */
int response_set_prepared(struct response *response,
    const struct prepared *prepared);

/* Fields are decided: takes the block apart if it does not say what is sent. */
void response_settle_prepared(struct response *response);

/* Adds a field of the server, without checks. 0, or -1: no memory. */
int response_add_own_field(struct response *response, const char *name,
    const char *value);

/* The same, in place of the handler's fields of that name. */
int response_replace_own_field(struct response *response, const char *name,
    const char *value);

/* The first value of that name, or NULL. */
const char *response_field(const struct response *response, const char *name);

/* Removes the fields for which keep(name) is false. */
void response_filter_fields(struct response *response,
    bool (*keep)(const char *name));

/* Sets the entity tag. 0, or -1: an octet is not allowed, or no memory. */
int response_set_etag(struct response *response, const char *tag, bool weak);

/* Adds the fields that the policy sets for all responses. -1: no memory. */
int response_add_policy_fields(struct response *response);

/* Turns it into a response of that status with its page, or without content if
 * the status has no page. Removes fields that describe content. */
void response_set_page(struct response *response, int status);

/* The same, with that sentence in the server's own page. */
void response_set_page_with(struct response *response, int status,
    const char *advice);

/* Turns a Last-Modified after now into now (RFC 9110 8.8.2.1). */
void response_limit_last_modified(struct response *response, int64_t now);

/* Only this range of the content is sent. */
void response_set_window(struct response *response, uint64_t first,
    uint64_t end);

/* No content from end on is sent. */
void response_limit_window(struct response *response, uint64_t end);

/* Several ranges are sent, divided by the boundary; both are copied. total is
 * the length of the representation. -1: no memory. */
int response_set_ranges(struct response *response, const struct range *ranges,
    size_t count, uint64_t total, const char boundary[RESPONSE_BOUNDARY_BYTES]);

/* Accept-Ranges will be sent. */
void response_offer_ranges(struct response *response);

/* Status and fields are decided: a handler cannot change them any more. */
void response_begin(struct response *response);

#endif
