/*
 * The one door into a connection process: a descriptor, the octets already read
 * and not used, and fixed facts. Accepting, --once, and later the keeper and a
 * change of process between two requests all come through it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CONNECTION_H
#define PRONG_CONNECTION_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct configuration;
struct sandbox;
struct scoreboard_page;

struct door {
	int in, out;	    /* the same for a socket */
	const char *unread; /* borrowed; NULL when there is none */
	size_t unread_length;
	struct address client;
	struct address server;	       /* length 0: connection_server asks */
	bool secure;		       /* scheme https */
	bool by_proxy;		       /* these are a proxy's: whom it speaks
					   for comes first (proxy.h) */
	int lifeline;		       /* ends when the generation ends; -1 */
	int access_log;		       /* descriptor, -1: none */
	struct scoreboard_page *page;  /* NULL: nobody counts */
	const struct sandbox *sandbox; /* NULL: none */
	int handoff;		       /* for a change of process; -1: none */
	uint64_t requests;	       /* answered by processes before */
};

/*
 * How a connection ended: the exit status of its process. 1 and 2 are a
 * command's failure and misuse; a process that a signal ended has none.
 */
enum connection_end {
	CONNECTION_DONE,	    /* closed in agreement */
	CONNECTION_CLIENT_GONE = 3, /* closed or reset by the client */
	CONNECTION_TIMED_OUT,
	CONNECTION_REFUSED,   /* a malformed request was answered */
	CONNECTION_FAILED,    /* the server's own fault */
	CONNECTION_HANDED_OFF /* goes on in another process */
};

/* The address that the client reached. */
const struct address *connection_server(const struct door *door);

/*
 * Serves the connection until it ends. Does not close the descriptors; the
 * process ends next.
 */
enum connection_end connection_run(const struct door *door,
    const struct configuration *configuration);

#endif
