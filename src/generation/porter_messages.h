/*
 * The messages to the porter and from it, of a generation and of the processes
 * that it forks. All of them are the same program, so the structures are sent as
 * they are. What comes from a worker is believed by nobody: porter_place.h says
 * what the porter looks at, and the facts are checked by the process that claims
 * them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_MESSAGES_H
#define PRONG_GENERATION_PORTER_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct connection_facts;
struct porter_workers;

/* The octets that a message has: all that a worker can have read of a client where
 * max_head is as usual (message/input.h). More are in a sealed copy in memory
 * (memfd), which costs 30 to 55 microseconds more. The kernel's usual send buffer
 * (net.core.wmem_default) has room for three such messages, and for some hundred
 * with no more than the head of a usual request. */
#define PORTER_OCTETS ((size_t)72 << 10)

/* A parcel's number has the place of its worker in the upper bits. A number of
 * the generation has zeros there. */
#define PORTER_PLACE_SHIFT 48
#define PORTER_PLACES_MAX  1024

enum porter_order {
	PORTER_KEEP,  /* the descriptor is the client's socket of that
			      * number */
	PORTER_CLAIM, /* the descriptor is a socket to send that one to */
	PORTER_CLAIM_PARCEL, /* likewise, with the rest of the parcel */
	PORTER_ADOPT,	     /* that parcel outlives its worker */
	PORTER_REFUSE,	     /* nobody will claim that parcel */
	PORTER_DROP,	     /* nobody will claim that socket */
	PORTER_FORGET,	     /* the number is a place, whose worker has ended;
			      * the descriptor is the socket of the next one */
	PORTER_PASS,   /* that parcel goes on in a worker, in the place that
			      * is the other number */
	PORTER_PARCEL, /* from a worker: the number is a sequence, the other
			      * one that by which the connection was passed to it;
			      * 0: it has accepted it. To a worker: 1 if a process
			      * that runs handlers of others may have the socket */
	PORTER_HAVE,   /* from a worker: it has got the connection of that
			      * number */
	PORTER_TAKE, /* from a worker: the descriptor is that of the connection
			* of that number, and is closed with PORTER_DONE */
	PORTER_MISSING, /* to a worker: a connection that was passed to it is not
			 * there */
	PORTER_DONE,	/* from a worker: the connection of that number, which
			      * was passed to it, has ended */
};

struct porter_message {
	uint64_t number, other;
	uint32_t order;	     /* enum porter_order */
	uint32_t is_refused; /* passed on to get a 503 */
};

/* The facts of a connection, without members of which a process could make an
 * invalid value. */
struct porter_facts {
	uint64_t requests;
	uint64_t id[2];
	uint32_t client_length, server_length;
	uint32_t secure;
	uint32_t reserved;
	struct sockaddr_storage client, server;
};

/* An order to pass a socket of which the porter has no facts. */
struct porter_pass {
	struct porter_message message;
	struct porter_facts facts;
};

/* To the process that claims a parcel: with the client's socket, and with the copy
 * of the octets if they are not here. */
struct porter_contents {
	struct porter_facts facts;
	char octets[PORTER_OCTETS];
};

/* The same from a worker, and to one. */
struct porter_parcel {
	struct porter_message message;
	struct porter_contents contents;
};

/* Sends an order, with a descriptor unless that is -1. Never waits. 0, or -1 and
 * errno. */
int porter_send(int socket, const struct porter_message *message, int fd);

/* Sends an order by which the porter sends something, and waits for that. The
 * number of octets, or -1 and errno: ENOENT if the porter has no such thing, or
 * has ended. fds has FDPASS_MAX descriptors. */
ssize_t porter_ask(int socket, enum porter_order order, uint64_t number,
    void *data, size_t size, int *fds);

void porter_facts_put(struct porter_facts *out,
    const struct connection_facts *facts);

/* False: no facts of a connection. */
bool porter_facts_get(const struct porter_facts *facts,
    struct connection_facts *out);

/* The helper: serves until all other processes have closed the other end of
 * sockets[0], and ends the process. The other sockets are those of the workers. For
 * so many connections at a time. */
_Noreturn void porter_run(const int *sockets,
    const struct porter_workers *workers, size_t connections);

#endif
