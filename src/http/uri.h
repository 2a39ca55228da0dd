/*
 * Request targets, paths, queries and hosts (RFC 9112 3.2, RFC 3986). Beyond
 * RFC 3986, a target may contain the few characters that browsers do not
 * encode: [ ] | ^ in a path, and also { } ` \ in a query. uri_encode_target
 * encodes what other clients leave.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_URI_H
#define PRONG_HTTP_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* A host is no longer than DNS allows (RFC 3986 3.2.2). */
#define URI_HOST_MAX_BYTES 255

/* A host with an optional port, as in a Host field or an authority. */
struct uri_host {
	struct slice name; /* an IPv6 address keeps its brackets */
	int port;	   /* -1: none, or ":" alone */
};

enum uri_form {
	URI_ORIGIN,    /* /path?query */
	URI_ABSOLUTE,  /* http://host/path?query */
	URI_AUTHORITY, /* host:port, for CONNECT only */
	URI_ASTERISK   /* *, for OPTIONS only */
};

enum uri_verdict {
	URI_OK,
	URI_BAD_FORM,	/* not a form of this method */
	URI_BAD_SCHEME, /* neither http nor https */
	URI_BAD_AUTHORITY,
	URI_BAD_OCTET,	     /* it must be percent-encoded */
	URI_BAD_ENCODING,    /* "%" without two hex digits */
	URI_ENCODED_SLASH,   /* %2F: "/" that is not a separator */
	URI_FORBIDDEN_OCTET, /* encoded NUL or control */
	URI_BACKSLASH,	     /* encoded */
	URI_BAD_UTF8,
	URI_ABOVE_ROOT, /* more ".." than segments */
	URI_TOO_LONG	/* for the caller's storage */
};

struct uri_target {
	enum uri_form form;
	bool https; /* scheme of URI_ABSOLUTE */
	/* With URI_ABSOLUTE and URI_AUTHORITY: the Host field is then ignored
	 * (RFC 9112 3.2.2). */
	bool has_host;
	struct uri_host host;
	/* Raw; begins with "/"; empty for URI_AUTHORITY and URI_ASTERISK. */
	struct slice path;
	bool has_query;
	struct slice query; /* raw, without "?" */
};

/*
 * Parses a target. "OPTIONS http://host" has the form URI_ASTERISK, with host
 * (RFC 9112 3.2.4). An absolute target without path gets "/". *out is set on
 * success only; its slices point into target or to constant text.
 */
enum uri_verdict uri_target_parse(struct slice method, struct slice target,
    struct uri_target *out);

/*
 * Writes a target in the form that uri_target_parse wants: in path and query
 * octets beyond ASCII, " < and >, and in a path also ` { and }, are
 * percent-encoded, as a client should have done it (RFC 3986 2.1). All other
 * octets stay as they are. Returns the length, which is target.len if there is
 * nothing to encode; with out NULL nothing is written.
 */
size_t uri_encode_target(struct slice target, char *out);

/*
 * Decodes a raw path once, then normalises it: dot segments are resolved, even
 * if they were encoded, and empty segments are removed. The result begins with
 * "/", has no NUL, control octet, backslash, "." or ".." segment, is UTF-8, and
 * is NUL-terminated. *length does not count the NUL and is at most raw.len, so
 * raw.len + 1 octets always suffice. out is undefined on failure.
 */
enum uri_verdict uri_decode_path(struct slice raw, char *out, size_t capacity,
    size_t *length);

/* Stands for an encoded slash in a path of uri_decode_path_marked. No other octet
 * of a path is decoded to it. */
#define URI_SLASH_MARK '\001'

/* The same for a path that may have encoded slashes, which do not divide
 * segments: each becomes a URI_SLASH_MARK. */
enum uri_verdict uri_decode_path_marked(struct slice raw, char *out,
    size_t capacity, size_t *length);

/*
 * Writes a path of uri_decode_path_marked as text: "%2F" for a mark and, since
 * a decoded "%2F" would look like it, "%25" for each "%". So two paths are equal
 * only if they were. raw.len + 1 octets suffice. Returns the length without the
 * NUL.
 */
size_t uri_spell_path(const char *path, char *out);

/*
 * Checks uri-host [ ":" [ port ] ] (RFC 9110 7.2): reg-name, IPv4 address,
 * "[" IPv6 address or IPvFuture "]". False for any other text, for a port above
 * 65535, and for an empty name before a port. An empty text is well-formed:
 * name is then empty.
 */
bool uri_host_parse(struct slice text, struct uri_host *host);

enum uri_query_verdict {
	URI_QUERY_FOUND,
	URI_QUERY_ABSENT,
	URI_QUERY_HAS_NUL, /* an encoded NUL in the value */
	URI_QUERY_TOO_LONG /* for the caller's storage */
};

/*
 * Finds the first value of a name in name=value&name=value (the query of an
 * HTML form): "+" is a space, %XX is decoded, a "%" without two hex digits
 * stays as it is, a name without "=" has an empty value. The value may contain
 * any octet but NUL, and is NUL-terminated; *length does not count the NUL.
 * query.len + 1 octets suffice.
 */
enum uri_query_verdict uri_query_value(struct slice query, const char *name,
    char *out, size_t capacity, size_t *length);

/* The status of the response; 0 for URI_OK. It is 404 for a well-formed path
 * that handlers never get, so that nothing has it: URI_BACKSLASH, URI_BAD_UTF8. */
int uri_verdict_status(enum uri_verdict verdict);

/* Like http_verdict_text. */
const char *uri_verdict_text(enum uri_verdict verdict);

#endif
