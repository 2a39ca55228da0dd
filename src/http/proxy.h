/*
 * The header of the PROXY protocol, versions 1 (text) and 2 (binary), by which
 * a proxy tells in front of a connection's own octets whom it speaks for: see
 * haproxy's proxy-protocol.txt. Pure, and strict: what a sender must not write
 * is refused. Whether a peer may speak it at all is the caller's to know.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_PROXY_H
#define PRONG_HTTP_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

/* Of a line of version 1 with its CRLF; of a header of version 2 with what it
 * tells beside addresses (which may be certificates' names). */
#define PROXY_LINE_MAX_BYTES 107
#define PROXY_MAX_BYTES	     4096

enum proxy_verdict {
	PROXY_COMPLETE,
	PROXY_INCOMPLETE, /* so far nothing is wrong */
	PROXY_ABSENT,	  /* something else begins here */
	PROXY_TOO_LONG,
	PROXY_BAD_LINE, /* of version 1 */
	PROXY_BAD_VERSION,
	PROXY_BAD_COMMAND,
	PROXY_BAD_FAMILY,
	PROXY_BAD_LENGTH, /* too little for the addresses */
	PROXY_BAD_EXTENSION,
	PROXY_BAD_CHECKSUM
};

struct proxy_header {
	size_t length;	    /* of the header, in octets */
	bool has_addresses; /* false: the proxy speaks for itself,
					   or does not know */
	bool secure;	    /* the client speaks TLS to the proxy */
	struct address client, server;
};

/* Reads the header that data begins with; *header is set when it is complete.
 * What no header can begin with is told at its first octet. */
enum proxy_verdict proxy_parse(const char *data, size_t length,
    struct proxy_header *header);

/* A sentence without a full stop that names what was wrong. */
const char *proxy_verdict_text(enum proxy_verdict verdict);

#endif
