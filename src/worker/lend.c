/*
 * What goes by a link: a client to a member, and the answer.
 *
 * SPDX-License-Identifier: ISC
 */
#include "worker/lend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ledgers.h"
#include "base/log.h"
#include "config/route.h"
#include "message/channel.h"
#include "worker/internal.h"
#include "worker/loan.h"

int
lend_open(struct worker *w)
{
	struct lending *lending = &w->lending;
	size_t i;

	if (!w->facts.loans)
		return 0;
	lending->members = w->facts.members;
	lending->pools = w->facts.pools;
	lending->links = calloc(lending->members, sizeof(lending->links[0]));
	lending->waiters = calloc(lending->pools, sizeof(lending->waiters[0]));
	if (!lending->links || !lending->waiters)
		return -1;
	for (i = 0; i < lending->pools; i++)
		lending->waiters[i].last = &lending->waiters[i].first;
	return links_open(w);
}

void
lend_close(struct worker *w)
{
	if (w->lending.links)
		links_close(w);
}

/*
 * A loan.
 */

static size_t
sum_of(const struct iovec *pieces, size_t count)
{
	size_t i, sum = 0;

	for (i = 0; i < count; i++)
		sum += pieces[i].iov_len;
	return sum;
}

/* Should the member end before it has read them, the client is served again. */
static bool
keep_octets(struct client *c, const struct iovec *unread, size_t count)
{
	const size_t length = sum_of(unread, count);
	char *copy = malloc(length + 1), *at = copy;
	size_t i;

	if (!copy)
		return false;
	for (i = 0; i < count; i++) {
		memcpy(at, unread[i].iov_base, unread[i].iov_len);
		at += unread[i].iov_len;
	}
	free((char *)(uintptr_t)c->unread.data);
	c->unread = (struct slice){ copy, length };
	return true;
}

/* False: the member does not take it. */
static bool
send_to(struct link *link, struct client *c, const struct channel *channel,
    const struct iovec *unread, size_t count)
{
	const struct loan loan = { .serial = link->serial + 1,
		.is_shared = c->is_shared,
		.key = channel->key,
		.facts = channel->facts };
	const struct loans_mark mark =
	    loans_mark(c->worker->facts.loans, link->member);

	errno = EAGAIN;
	/* The link of the process before may have an answer yet. */
	if (link->fd < 0 || link->client ||
	    loan_send(link->fd, &loan, sizeof(loan), c->socket, unread, count) <
		0) {
		return false;
	}
	link->serial++;
	link->mark = mark;
	link->client = c;
	c->link = link;
	/* Its events are not for this process meanwhile. */
	loop_unwatch(&c->wait.watch);
	return true;
}

static void
note_rest(struct client *c, const struct channel *channel,
    const struct route *route)
{
	c->seat->rest = (struct connection_rest){ .facts = channel->facts,
		.key = channel->key,
		.limits = &route->limits };
}


bool
lend(struct client *c, const struct channel *channel, const struct route *route,
    const struct iovec *unread, size_t count)
{
	struct worker *w = c->worker;
	struct ledger_parcel parcel;
	struct link *link;

	if (!w->lending.links || route->place != ROUTE_POOL ||
	    !loans_has_members(w->facts.loans, route->pool) ||
	    sum_of(unread, count) > LOAN_OCTETS)
		return false;
	give_fill_parcel(c, channel->key, route, &parcel);
	link = lend_wait(c, route, &parcel);
	if (!link && errno != EBUSY)
		return false;
	if (!keep_octets(c, unread, count)) {
		if (link)
			lend_give_up(link, false);
		return false;
	}
	note_rest(c, channel, route);
	if (!link) {
		c->is_refused = c->is_again = true;
		return true;
	}
	if (send_to(link, c, channel, unread, count))
		return true;
	lend_give_up(link, errno == EPIPE || errno == ECONNRESET);
	return false;
}

/*
 * The answer.
 */

/* No process has the client any more. */
static struct client *
take_back(struct link *link)
{
	struct client *c = link->client;

	link->client = NULL;
	c->link = NULL;
	/* A process that runs handlers of others may have the socket. */
	c->is_shared = true;
	return c;
}

static enum client_return
meaning(uint32_t answer)
{
	switch (answer) {
	case LOAN_RESTS:
		return CLIENT_RESTS;
	case LOAN_GOES_ON:
		return CLIENT_GOES_ON;
	default:
		return CLIENT_ENDS;
	}
}

bool
lend_hear(struct link *link)
{
	static char octets[LOAN_OCTETS];
	struct loan_answer_message answer;
	struct client *c;
	size_t length;

	if (loan_receive(link->fd, &answer, sizeof(answer), NULL, octets,
		sizeof(octets), &length) < 0)
		return errno == EAGAIN;
	if (!link->client || answer.serial != link->serial)
		return false;
	c = take_back(link);
	c->was_lost = false;
	lend_pass_on(link, answer.is_last != 0);
	client_return(c, meaning(answer.answer), answer.requests,
	    (struct slice){ octets, length });
	return true;
}

void
lend_lose(struct link *link)
{
	struct worker *w = link->worker;
	bool has_begun;
	struct client *c;

	if (!link->client)
		return;
	has_begun = loans_had_begun(w->facts.loans, link->member, &link->mark,
	    ledgers_begun(w->facts.ledgers,
		w->facts.first_member + link->member));
	c = take_back(link);
	lend_pass_on(link, true);
	log_debug("member %zu has ended with a client, number %" PRIu64
		  " of %" PRIu64 ", which it had %s",
	    link->member, link->mark.client, link->mark.start,
	    has_begun ? "begun" : "not begun");
	/* A member that lies would get it for ever. */
	has_begun |= c->was_lost;
	c->was_lost = true;
	client_return(c, has_begun ? CLIENT_ENDS : CLIENT_AGAIN, 0,
	    (struct slice){ NULL, 0 });
}
