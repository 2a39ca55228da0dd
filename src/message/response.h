/*
 * An answer: what the handlers said of it, and how far it has been sent.
 * response.c holds the saying, sender.c the sending, preconditions.c what
 * conditions and ranges make of it.
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
#include "message/pace.h"

struct arena;
struct body;
struct http_head;
struct netio;
struct policy;

/* A request for more ranges is answered with the whole (RFC 9110 14.2). */
#define RESPONSE_RANGES_MAX 64

struct response_field {
	struct response_field *next;
	const char *name, *value;
};

enum response_framing {
	FRAMING_NONE, /* no content, and no length of it */
	FRAMING_LENGTH,
	FRAMING_CHUNKED,
	FRAMING_CLOSE /* HTTP/1.0: the end of the connection */
};

struct response {
	struct arena *arena;
	struct netio *io;
	struct body *body;	      /* of the request */
	const struct http_head *head; /* of the request */
	const struct policy *policy;  /* NULL: none */
	bool is_head;		      /* the method is HEAD */
	bool may_persist;	      /* as far as the request goes */
	int64_t started_ms;	      /* clock_ms */

	/* What the handlers said. */
	int status;
	bool has_status;
	struct response_field *fields;
	const char *etag; /* as sent */
	bool has_last_modified, has_length;
	bool has_content; /* something was written, if nothing */
	int64_t last_modified;
	uint64_t length; /* promised */
	struct content content;

	/* What of the content is sent: that between first and end. */
	uint64_t position; /* of what is sent next */
	uint64_t window_first, window_end;
	struct range *ranges; /* of a multipart answer; else NULL */
	size_t range_count;
	uint64_t total;	    /* of the representation, for ranges */
	bool offers_ranges; /* Accept-Ranges */
	char boundary[33];

	/* How far it has been sent. */
	enum response_framing framing;
	bool is_begun;	  /* status and fields are decided */
	bool is_complete; /* nothing more is wanted */
	bool persists;	  /* another request may follow */
	char *head_text;  /* not sent yet; else NULL */
	size_t head_length;
	uint64_t sent; /* octets of content, or tried to be */
	struct pace pace;
	char *scratch; /* small files on their way */
	size_t scratch_used, scratch_size;

	/* What went wrong. */
	int error;	  /* errno of the sending, 0: none */
	bool is_cut;	  /* it can never be complete */
	bool is_overlong; /* more than was promised: dropped */
	int file_error;	  /* errno; ENODATA: the file shrank */
};

void response_init(struct response *response, struct arena *arena,
    struct netio *io, struct body *body, const struct http_head *head);

/* Forgets what a handler said, for the next one. Not once it has begun. */
void response_reset(struct response *response);

/* Whether a handler said anything at all. */
bool response_is_empty(const struct response *response);

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

/* Octets of content that went out, as nearly as can be told of an answer that
 * could not be sent in full. */
uint64_t response_sent(const struct response *response);

/* Adds the fields that all answers have by setting. -1: no memory. */
int response_add_policy_fields(struct response *response);

/* Makes it an answer of that status with the page for it, or without
 * content where there can be none. Fields that describe content go. */
void response_set_page(struct response *response, int status);

#endif
