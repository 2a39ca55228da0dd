/*
 * The messages of a loan: a worker sends a member the socket of a client, with what
 * was read of its request; the member answers how the connection goes on, and the
 * worker, which has the socket all the time, does that. They go by a link, a pair of
 * sockets (SOCK_SEQPACKET) that a worker and a member have for themselves. What a
 * member answers is believed no further than it concerns that client.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_WORKER_LOAN_H
#define PRONG_WORKER_LOAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/address.h"
#include "message/connection_facts.h"

/* The most octets that go along; a larger request goes by the porter. */
#define LOAN_OCTETS ((size_t)72 << 10)

enum loan_answer {
	LOAN_ENDED,  /* the connection is to be closed */
	LOAN_RESTS,  /* the client is idle */
	LOAN_GOES_ON /* with the octets, elsewhere */
};

/* To a member. */
struct loan {
	uint64_t serial;	/* of the link; rises */
	bool is_shared;		/* as in worker_arrival */
	struct address_key key; /* of the client, for penalties */
	struct connection_facts facts;
};

/* From it. */
struct loan_answer_message {
	uint64_t serial;
	uint64_t requests; /* of the connection so far */
	uint32_t answer;   /* enum loan_answer */
	uint32_t is_last;  /* the member serves no other client */
};

/* Sends head, and the octets in pieces behind it; fd -1: none. Never waits. 0, or -1 and
 * errno. */
int loan_send(int link, const void *head, size_t head_bytes, int fd,
    const struct iovec *pieces, size_t count);

/* Receives the same: *length octets, at most size, behind the head. Never waits. 0, or -1
 * and errno: EAGAIN if there is none, EPIPE at the end of the other process, EBADMSG. *fd
 * is -1 if none came; fd NULL: none is wanted. */
int loan_receive(int link, void *head, size_t head_bytes, int *fd, char *octets,
    size_t size, size_t *length);

#endif
