/*
 * A response as it has been said: status, fields, content, and what conditions
 * and ranges let through of the content. response.c alone writes the structure;
 * the others call its functions. How far it has been sent is the sender's.
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

/* A request for more ranges is answered with the whole (RFC 9110 14.2). */
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

	/* What the handlers said. */
	int status;
	bool has_status;
	struct response_field *fields;
	const char *etag; /* as sent */
	bool has_last_modified, has_length;
	bool has_content; /* a handler wrote some, be it empty */
	int64_t last_modified;
	uint64_t length; /* promised */
	struct content content;

	/* What of the content is sent: that between first and end. */
	uint64_t window_first, window_end;
	const struct range *ranges; /* of a multipart response; else NULL */
	size_t range_count;
	uint64_t total;	    /* of the representation, for ranges */
	bool offers_ranges; /* Accept-Ranges */
	char boundary[RESPONSE_BOUNDARY_BYTES];
};

/* Sets all of it. arena, policy and head are borrowed for as long as the
 * response lasts. */
void response_init(struct response *response, struct arena *arena,
    const struct policy *policy, const struct http_head *head);

/* The policy of the site or route, in place of the server's. */
void response_set_policy(struct response *response,
    const struct policy *policy);

/* Forgets what a handler said, for the next one. Not once it has begun. */
void response_reset(struct response *response);

/* Whether a handler said anything at all. */
bool response_is_empty(const struct response *response);

/* What handlers say has no effect once the response has begun. */
void response_set_status(struct response *response, int status);
void response_set_last_modified(struct response *response, int64_t seconds);
void response_set_length(struct response *response, uint64_t bytes);

/* A handler writes content, be it empty. */
void response_note_content(struct response *response);

/* 0, or -1 as prong_field has it. value NULL removes. add: beside others. */
int response_set_field(struct response *response, const char *name,
    const char *value, bool add);

/* The same without asking whose business the field is. -1: no memory. */
int response_add_own_field(struct response *response, const char *name,
    const char *value);

/* The first value of that name, or NULL. */
const char *response_field(const struct response *response, const char *name);

/* Removes the fields that keep(name) does not want. */
void response_filter_fields(struct response *response,
    bool (*keep)(const char *name));

/* -1 when the tag has an octet that no entity tag may have. */
int response_set_etag(struct response *response, const char *tag, bool weak);

/* Adds the fields that all responses have by setting. -1: no memory. */
int response_add_policy_fields(struct response *response);

/* Makes it a response of that status with the page for it, or without
 * content where there can be none. Fields that describe content go. */
void response_set_page(struct response *response, int status);

/* A date after now becomes now (RFC 9110 8.8.2.1). */
void response_limit_last_modified(struct response *response, int64_t now);

/* One range of the content is sent alone. */
void response_set_window(struct response *response, uint64_t first,
    uint64_t end);

/* Nothing of the content from there on is sent. */
void response_limit_window(struct response *response, uint64_t end);

/* Several ranges are sent, divided by the boundary; both are copied. total is
 * the length of the representation. -1: no memory. */
int response_set_ranges(struct response *response, const struct range *ranges,
    size_t count, uint64_t total, const char boundary[RESPONSE_BOUNDARY_BYTES]);

/* Accept-Ranges is sent. */
void response_offer_ranges(struct response *response);

/* Status and fields are decided: a handler can change them no more. */
void response_begin(struct response *response);

#endif
