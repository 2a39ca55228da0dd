/*
 * The head of an HTTP/1.x request: request line and field section (RFC 9112,
 * RFC 9110), with the framing of the body and the persistence of the
 * connection. The parser is strict: it refuses every head that is not in the
 * grammar, and every message that two recipients could frame differently.
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

/* No known method is longer; a longer one gives 501 (RFC 9112 3). */
#define HTTP_METHOD_MAX_BYTES 32

/* Empty lines ignored before a request line (RFC 9112 2.2 asks for one). */
#define HTTP_EMPTY_LINES_MAX 2

/* A length equal to a limit is accepted. */
struct http_limits {
	size_t max_request_line_bytes; /* without CRLF; RFC 9112 3: >= 8000 */
	size_t max_head_bytes;	       /* with the final CRLF */
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
 * The slices point into the caller's octets at the place of the last call.
 * After an error, the members parsed before it are set (such as method and
 * target, for a log), the others are zero.
 */
struct http_head {
	struct slice method;	   /* a token; case-sensitive */
	struct slice target;	   /* without SP and controls */
	int major, minor;	   /* 1.0 to 1.9; 1.2 to 1.9 as 1.1 */
	struct http_field *fields; /* the caller's array */
	size_t field_count;
	bool has_host;
	struct slice host;	    /* value of Host; may be empty */
	struct uri_host host_parts; /* the same, parsed */
	bool chunked;		    /* the body is chunked */
	int64_t content_length;	    /* -1 when there is no such field */
	bool expects_continue;	    /* the client waits for a 100 */
	bool keep_alive;	    /* version and Connection allow it */
	size_t length;		    /* of the whole head, in octets */

	/* Progress; the parser's own. */
	size_t field_capacity;
	uintptr_t base; /* address of the octets at the last call */
	size_t line_start, scanned;
	unsigned empty_lines;
	bool past_request_line;
	bool coding_seen, coding_unknown;
	bool option_close, option_keep_alive;
	bool expectation_unknown, expectation_continue;
};

/*
 * Writes a complete head as text again, without optional whitespace, so never
 * longer than the original. out has room for head->length octets. Returns the
 * number of octets written.
 */
size_t http_head_write(const struct http_head *head, char *out);

/* Prepares for a request. The array is the caller's and must outlive head. */
void http_head_init(struct http_head *head, struct http_field *fields,
    size_t capacity);

/*
 * Continues to parse. data has all octets received so far, from the beginning
 * of the request; its address may differ at every call. Octets of earlier calls
 * are not parsed again. Octets after the head (from head->length on) are
 * ignored. A malformed line is refused at once, before the head is complete; do
 * not call again after an error.
 */
enum http_verdict http_head_parse(struct http_head *head, const char *data,
    size_t length, const struct http_limits *limits);

/*
 * For a head that is refused, by an error or because it came too slowly. data
 * has its octets, as in http_head_parse. If the request line has not been
 * parsed, the method is taken from its first octets, because a response to HEAD
 * has no content, whatever the fault.
 */
void http_head_abandon(struct http_head *head, const char *data, size_t length);

/* Whether an octet of a request line has arrived: before it the client is idle,
 * after it the client may be slow. */
bool http_head_begun(const struct http_head *head);

/* The status to respond with: 400, 413, 414, 417, 431, 501 or 505; 0 for
 * HTTP_COMPLETE and HTTP_INCOMPLETE. After any error the connection closes. */
int http_verdict_status(enum http_verdict verdict);

/* The error as a sentence without a full stop. The text is constant: safe to
 * log and to show. */
const char *http_verdict_text(enum http_verdict verdict);

#endif
