/*
 * The life of a connection in its process, from the first request to the end.
 * Every connection begins with the same arguments, whether it was accepted,
 * goes on from another process, or is that of --once.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CONNECTION_H
#define PRONG_CONNECTION_CONNECTION_H

#include <stdbool.h>

#include "message/connection_facts.h"

struct configuration;
struct sandbox;
struct scoreboard_page;

struct connection_arguments {
	int in, out;	/* the same for a socket */
	int unread;	/* memfd: octets that the process before has read and
					   not used; -1: none */
	bool by_proxy;	/* facts are those of a proxy, whose header with its
					   client's comes first (proxy.h) */
	int lifeline;	/* ends when the generation ends; -1: none */
	int access_log; /* -1: none */
	int handoff;	/* sending end, for a change of process; -1: none */
	struct scoreboard_page *page;  /* NULL: nobody counts */
	const struct sandbox *sandbox; /* NULL: none */
	struct connection_facts facts;
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

/*
 * Serves the connection until it ends. Of the descriptors it closes unread
 * alone; the process ends next.
 */
enum connection_end connection_run(const struct connection_arguments *arguments,
    const struct configuration *configuration);

#endif
