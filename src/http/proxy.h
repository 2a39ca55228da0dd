/*
 * The header of the PROXY protocol, versions 1 (text) and 2 (binary). A proxy
 * sends it before the octets of a connection, with the address of its client:
 * see haproxy's proxy-protocol.txt. Pure, and strict: a header that a sender
 * must not write is refused. The caller checks whether the peer is a trusted
 * proxy.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_PROXY_H
#define PRONG_HTTP_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

/* The longest line of version 1 with its CRLF; the longest header of version 2
 * with its extensions (such as names of certificates). */
#define PROXY_LINE_MAX_BYTES 107
#define PROXY_MAX_BYTES	     4096

enum proxy_verdict {
	PROXY_COMPLETE,
	PROXY_INCOMPLETE, /* so far nothing is wrong */
	PROXY_ABSENT,	  /* data does not begin with a header */
	PROXY_TOO_LONG,
	PROXY_BAD_LINE, /* of version 1 */
	PROXY_BAD_VERSION,
	PROXY_BAD_COMMAND,
	PROXY_BAD_FAMILY,
	PROXY_BAD_LENGTH, /* too short for the addresses */
	PROXY_BAD_EXTENSION,
	PROXY_BAD_CHECKSUM
};

struct proxy_header {
	size_t length;	    /* of the header, in octets */
	bool has_addresses; /* false: no client, or it is unknown */
	bool secure;	    /* the client uses TLS to the proxy */
	struct address client, server;
};

/* Reads the header at the beginning of data; *header is set when the header is
 * complete. PROXY_ABSENT is found at the first octet that no header has
 * there. */
enum proxy_verdict proxy_parse(const char *data, size_t length,
    struct proxy_header *header);

/* The error as a sentence without a full stop. */
const char *proxy_verdict_text(enum proxy_verdict verdict);

#endif
