/*
 * Lending: a worker that accepts lends the connection of a client to a member of a
 * pool for a request (base/loans.h, loan.h). The client keeps its place in the worker,
 * without a fiber and a seat, until the member answers.
 *
 * Shared by the parts of a worker only: links.c (to members), lend.c (a client goes by
 * one), lend_answer.c (and comes back) and lend_wait.c (it waits for a member).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_WORKER_LEND_H
#define PRONG_WORKER_LEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loans.h"
#include "fiber/loop.h"

struct channel;
struct client;
struct iovec;
struct ledger_parcel;
struct route;
struct worker;

/* To a member. */
struct link {
	struct loop_rest rest; /* first */
	struct loop_watch watch;
	struct worker *worker;
	size_t member, pool;	/* of the loans */
	struct client *client;	/* whose connection it has; NULL: none */
	struct loans_mark mark; /* of that client */
	uint64_t serial;	/* of the last loan */
	uint64_t start; /* the number of the member's process (loans_mark) */
	int fd;		/* -1: there is none */
};

/* A client that waits for a member, on its fiber. */
struct waiter {
	struct waiter *next;
	struct client *client;
	const struct ledger_parcel *parcel;
	struct link *link; /* that it has got; NULL: none yet */
};

struct waiters {
	struct waiter *first, **last;
};

struct lending {
	struct link *links; /* NULL: nothing is lent */
	size_t members, pools;
	struct waiters *waiters; /* of each pool */
	struct loop_watch letters, bell;
	struct loop_rest letters_rest, bell_rest;
	unsigned turn; /* of who gets a member next */
};

/* Lends the client to a member for that route; waits for one. False: it is to go by the
 * porter. Else *is_again: it is served here again, for a 503. */
bool lend(struct client *client, const struct channel *channel,
    const struct route *route, const struct ledger_parcel *parcel,
    const struct iovec *unread, size_t count);

/* links.c: opens what the worker has for it, and closes that at its end. 0, or -1 and
 * errno. */
int links_open(struct worker *worker);
void links_close(struct worker *worker);

/* lend_answer.c: the member has answered. False: that is no answer. And it has ended. */
bool lend_hear(struct link *link);
void lend_lose(struct link *link);

/* lend_wait.c: waits for a member of the pool. NULL: errno is EBUSY if there are too many
 * that wait, or none came in time; EAGAIN if it is to go by the porter. */
struct link *lend_wait(struct client *client, const struct route *route,
    const struct ledger_parcel *parcel);
/* The member is free again, unless it serves no other client. */
void lend_pass_on(struct link *link, bool is_last);
/* It does not take its client: another process can, unless it has ended. */
void lend_give_up(struct link *link, bool has_ended);
/* Others have made members free. */
void lend_look(struct worker *worker);

#endif
