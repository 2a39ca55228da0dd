/*
 * Shared by the parts of a member only: member.c (the life of the process),
 * member_visit.c (a client of it) and member_loans.c (clients that workers lend).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_WORKER_MEMBER_INTERNAL_H
#define PRONG_WORKER_MEMBER_INTERNAL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "connection/connection.h"
#include "message/wait.h"
#include "worker/loan.h"
#include "worker/member.h"
#include "worker/worker.h"

struct ledger_row;

/* A connection waits so long for the porter, to be given away, and looks that often. */
#define MEMBER_GIVE_MS	2000
#define MEMBER_AGAIN_MS 5

/* A client of the member: its present one. */
struct visit {
	int socket;	 /* -1: none */
	uint64_t passed; /* the number by which it has come; 0: given away */
	bool is_shared;	 /* as in worker_arrival */
	int link;	 /* by which it has come on loan; -1: by the porter */
	/* Then how it goes on, for its worker. */
	struct loan_answer_message answer;
	struct address_key key; /* for penalties */
	struct address peer;
	int64_t began_ms, began; /* of clock_ms; seconds since 1970 */
	uint64_t before;	 /* the requests of the process before it */
	uint64_t received, sent; /* likewise */
};

/* Descriptors that it waits for, beside its links. */
#define MEMBER_POLLED 2

struct member {
	struct wait wait; /* must be first */
	struct worker_facts facts;
	const struct route *route;
	struct connection_memory *memory;
	struct connection_rest rest;
	struct pollfd
	    *polled; /* links (fd -1: the worker has ended) come last */
	struct visit visit;
	struct ledger_row *row; /* by which others see the client */
	uint64_t sequence;	/* of the last connection that was given away */
};

/* How it waits for its client. */
const struct wait_methods *member_wait_methods(void);

/* Whether it has served as many requests as it may, or was retired. */
bool member_is_used_up(const struct member *member);

/* Serves the client, until it leaves or is given away. Takes the socket over. */
void member_serve(struct member *member, int socket,
    const struct worker_arrival *arrival);
/* The same of one that has come by that link, on loan. */
struct loan;
void member_serve_loan(struct member *member, int link, int socket,
    const struct loan *loan, struct slice octets);

/* member_loans.c: descriptors to poll, behind those of others. */
bool member_open_links(struct member *member);
/* Takes a loan by each of them that has an event, and serves it. Whether the member is of
 * use for further clients. */
bool member_hear_links(struct member *member);
/* Answers the worker. octets: what is unread. 0, or -1 and errno. */
int member_answer(struct member *member, const struct iovec *octets,
    size_t count);

/* Shows that it has no client; in ps(1). */
void member_show_idle(struct member *member);
void member_show_title(const struct member *member);

/* The process has one. */
struct member *member_self(void);

void member_sleep_a_moment(void);

#endif
