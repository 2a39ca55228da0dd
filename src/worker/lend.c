/*
 * A client is lent: it goes to a member by a link.
 *
 * SPDX-License-Identifier: ISC
 */
#include "worker/lend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ledgers.h"
#include "config/route.h"
#include "message/channel.h"
#include "worker/internal.h"
#include "worker/loan.h"

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
	const struct loans_mark mark = loans_mark(c->worker->facts.loans,
	    link->member);

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
    const struct ledger_parcel *parcel, const struct iovec *unread,
    size_t count)
{
	struct worker *w = c->worker;
	struct link *link;

	if (!w->lending.links || route->place != ROUTE_POOL ||
	    !loans_has_members(w->facts.loans, route->pool) ||
	    sum_of(unread, count) > LOAN_OCTETS)
		return false;
	link = lend_wait(c, route, parcel);
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
