/*
 * A connection in its process, from the first request to the end. Accepted
 * connections, connections handed off by another process, and the connection
 * of --once begin with the same arguments.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CONNECTION_H
#define PRONG_CONNECTION_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/slice.h"
#include "config/route.h"
#include "message/connection_facts.h"

struct channel;
struct configuration;
struct handoff;
struct limits;
struct penalties;
struct renewal;
struct route;
struct sandbox;
struct scoreboard_page;
struct statement;
struct tally;
struct wait;

/* The access log is that of the generation's log process. */
#define CONNECTION_LOG_CHANNEL (-2)

/* What goes on of a connection that rests. */
struct connection_rest {
	struct connection_facts facts;
	struct address_key key;	     /* for penalties */
	const struct limits *limits; /* of the next request */
	int64_t until_ms;	     /* then it is idle for too long */
};

struct connection_arguments {
	int in, out; /* the same for a socket */
	/* Memory shared with the process before and with the next one; NULL:
	 * the connection cannot be handed off. For connection_handoff_octets.
	 */
	struct handoff *handoff;
	bool goes_on; /* with the octets that the process before has left */
	/* The client of facts is a trusted proxy. Its header (proxy.h) comes
	 * first and names the real client. */
	bool by_proxy;
	/* The process knows its client by a proxy's header, and the generation
	 * does not; the next process gets the facts from this one. */
	bool names_client;
	bool status_alone; /* no other route is served */
	pid_t generation;  /* the parent of its first process; 0: none */
	/* A descriptor; CONNECTION_LOG_CHANNEL; -1: none. */
	int access_log;
	/* How it is executed afresh; NULL: no route wants that, or it was. */
	const struct renewal *renewal;
	size_t slot; /* of the scoreboard, for that */
	/* The process was executed afresh for this route, or is one of its pool;
	 * NULL: neither. */
	const struct route *own_route;
	struct slice unread; /* what it had read before that */
	/* A process that is not trusted may have the socket, too, and change
	 * whether a call waits: none is used that does then. */
	bool out_is_shared;
	bool has_failed; /* The handlers of that route could not be opened. */
	struct scoreboard_page *page;	   /* NULL: no scoreboard */
	struct tally *tally;		   /* of the process; NULL: likewise */
	const struct sandbox *sandbox;	   /* NULL: none */
	const struct penalties *penalties; /* NULL: none */
	struct statement *statement;	   /* empty; NULL: none is made */
	/* How it waits for its client where others are in its process; NULL:
	 * none are, and it polls. */
	struct wait *wait;
	/* Gives the connection, with what is unread of it, to a process for
	 * that route, or to one of its own (NULL); NULL: handoff does. 0, or -1
	 * and errno. */
	int (*give)(const struct connection_arguments *arguments,
	    const struct channel *channel, const struct route *route,
	    const struct iovec *unread, size_t count);
	enum route_place place; /* what is served here, with give */
	/* All processes of the route of its first request are busy. */
	bool is_refused;
	/* A route with a ceiling of processes needs another process, which the
	 * generation has admitted there; that one. */
	bool has_ceilings;
	const struct route *admitted;
	/* Without rest: a connection that is idle for so long leaves its process,
	 * by handoff, to be served by a worker. 0: it stays. */
	int64_t park_after_ms;
	const struct limits *limits; /* of its first request; NULL: the usual */
	struct connection_rest *rest; /* filled in by CONNECTION_RESTS */
	struct address_key key;	      /* of the client, for penalties */
	struct connection_facts facts;
};

/*
 * How a connection ended: the exit status of its process. 1 and 2 are left to
 * failure and misuse of a command. A process killed by a signal has no status.
 */
enum connection_end {
	CONNECTION_DONE,	    /* closed in the normal course */
	CONNECTION_CLIENT_GONE = 3, /* closed or reset by the client */
	CONNECTION_TIMED_OUT,
	CONNECTION_REFUSED,    /* malformed or unsupported request */
	CONNECTION_FAILED,     /* by a fault of the server */
	CONNECTION_HANDED_OFF, /* goes on in another process */
	CONNECTION_RESTS       /* idle: goes on when the client sends */
};

/* The most octets that a connection leaves in handoff. */
size_t connection_handoff_octets(const struct configuration *configuration);

/* Serves the connection until it ends. The end of the process closes the
 * descriptors. */
enum connection_end connection_run(const struct connection_arguments *arguments,
    const struct configuration *configuration);

/* The same on a fiber, whose last words are those of the connection meanwhile. The
 * memory has as many octets as connection_memory_bytes says, is aligned to 64, and
 * serves one connection at a time. It begins as zeros. */
struct connection_memory;
enum connection_end connection_run_in(struct connection_memory *memory,
    const struct connection_arguments *arguments,
    const struct configuration *configuration);
size_t connection_memory_bytes(void);

#endif
