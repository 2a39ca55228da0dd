/*
 * The head of an HTTP/1.x request: request line and field section, as RFC 9112
 * and 9110 have them, and what they say about the body's framing and about the
 * connection. Strict: what is not in the grammar is refused, and so is every
 * message that two recipients could frame differently.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_HEAD_H
#define PRONG_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "http/fields.h"
#include "http/uri.h"

/* A longer method is one that nobody implements (RFC 9112 3). */
#define HTTP_METHOD_MAX_BYTES 32

/* Empty lines ignored before a request line (RFC 9112 2.2 asks for one). */
#define HTTP_EMPTY_LINES_MAX 2

/* A length equal to a limit is accepted. */
struct http_limits {
	size_t max_request_line_bytes; /* without CRLF; RFC 9112 3: >= 8000 */
	size_t max_head_bytes;	       /* all of it, with the final CRLF */
	size_t max_fields;
};

enum http_verdict {
	HTTP_COMPLETE,
	HTTP_INCOMPLETE,     /* so far nothing is wrong */
	HTTP_TLS_NOT_SPOKEN, /* a ClientHello on a plain port */
	HTTP_TOO_MANY_EMPTY_LINES,
	HTTP_BARE_CR,
	HTTP_BARE_LF,
	HTTP_CONTROL_OCTET, /* NUL included */
	HTTP_BAD_METHOD,
	HTTP_METHOD_TOO_LONG,
	HTTP_BAD_TARGET,
	HTTP_NO_VERSION, /* the form of HTTP/0.9 */
	HTTP_BAD_VERSION,
	HTTP_VERSION_NOT_SUPPORTED,
	HTTP_REQUEST_LINE_TOO_LONG,
	HTTP_HEAD_TOO_LARGE,
	HTTP_TOO_MANY_FIELDS,
	HTTP_FOLDED_LINE,
	HTTP_EMPTY_NAME,
	HTTP_BAD_NAME,
	HTTP_SPACE_BEFORE_COLON,
	HTTP_NO_COLON,
	HTTP_MISSING_HOST,
	HTTP_REPEATED_HOST,
	HTTP_BAD_HOST,
	HTTP_BAD_LENGTH,
	HTTP_REPEATED_LENGTH,
	HTTP_LENGTH_TOO_LARGE,
	HTTP_LENGTH_WITH_CODING,
	HTTP_CODING_IN_OLD_VERSION,
	HTTP_BAD_CODING,
	HTTP_UNKNOWN_CODING,
	HTTP_UNKNOWN_EXPECTATION
};

/*
 * The slices lead into the caller's octets, as they lay at the last call. After
 * an error, what stood before it is there (method and target for a log), the
 * rest is zero.
 */
struct http_head {
	struct slice method;	   /* a token; case-sensitive */
	struct slice target;	   /* printable ASCII without SP */
	int major, minor;	   /* 1.0 to 1.9; 1.2 and up is as 1.1 */
	struct http_field *fields; /* the caller's array */
	size_t field_count;
	bool has_host;
	struct slice host;	    /* value of Host; may be empty */
	struct uri_host host_parts; /* the same, taken apart */
	bool chunked;		    /* the body is; then no length */
	int64_t content_length;	    /* -1 when there is no such field */
	bool expects_continue;	    /* before it sends its body */
	bool keep_alive;	    /* version and Connection allow it */
	size_t length;		    /* octets of the head, all included */

	/* Progress; the parser's own. */
	size_t field_capacity;
	uintptr_t base; /* where the octets lay */
	size_t line_start, scanned;
	unsigned empty_lines;
	bool past_request_line;
	bool coding_seen, coding_unknown;
	bool option_close, option_keep_alive;
	bool expectation_unknown, expectation_continue;
};

/*
 * Writes the head of a complete request anew, in the same words but without
 * optional white space: never longer than it was. out has room for head->length
 * octets; returns how many were written.
 */
size_t http_head_write(const struct http_head *head, char *out);

/* Prepares for a request. The array is the caller's, and lives as long. */
void http_head_init(struct http_head *head, struct http_field *fields,
    size_t capacity);

/*
 * Reads on. data holds the octets received so far from the beginning of the
 * request, and may lie elsewhere at every call; those of earlier calls are not
 * looked at again. What follows the head in data (head->length and on) is
 * untouched. Wrong lines are refused as soon as they are seen, before the head
 * is complete; after an error do not call again.
 */
enum http_verdict http_head_parse(struct http_head *head, const char *data,
    size_t length, const struct http_limits *limits);

/* True once an octet of a request line has come: before that the client is
 * idle, after it the client is slow. */
bool http_head_begun(const struct http_head *head);

/* The status to respond with: 400, 413, 414, 417, 431, 501 or 505; 0 for
 * HTTP_COMPLETE and HTTP_INCOMPLETE. After any error the connection closes. */
int http_verdict_status(enum http_verdict verdict);

/* A sentence without a full stop that names what was wrong. Constant text:
 * safe to log and to show. */
const char *http_verdict_text(enum http_verdict verdict);

#endif
