/*
 * A loan ends: by an answer of the member, or by its end.
 *
 * SPDX-License-Identifier: ISC
 */
#include "worker/lend.h"

#include <errno.h>
#include <inttypes.h>

#include "base/ledgers.h"
#include "base/log.h"
#include "worker/internal.h"
#include "worker/loan.h"

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
