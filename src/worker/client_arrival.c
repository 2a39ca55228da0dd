/*
 * A client that comes from another process: that gives it away, or that had it on loan.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/limit.h"
#include "connection/penalty.h"
#include "worker/internal.h"

/* A process that had it before may have set that a close waits, where no filter
 * keeps handlers from that. The filter of a worker permits it no more, and would log
 * the call. */
static void
never_linger(int socket)
{
	struct linger linger = { .l_onoff = 0 };
	socklen_t length = sizeof(linger);

	if (getsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, &length) < 0 ||
	    !linger.l_onoff)
		return;
	linger.l_onoff = 0;
	setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* False: there is no memory. */
static bool
take_facts(struct client *c, const struct connection_facts *facts,
    const struct address *peer)
{
	c->requests = facts->requests;
	c->has_rested = true; /* The header of a proxy was read. */
	if (!facts->secure && address_equal(&facts->client, peer))
		return true;
	c->key = penalty_key_named(c->socket, peer, &facts->client);
	c->facts = malloc(sizeof(*c->facts));
	if (c->facts)
		*c->facts = *facts;
	return c->facts;
}

static bool
enter_arrived(struct client *c, const struct worker_arrival *arrival,
    const struct address *peer)
{
	never_linger(c->socket);
	c->unread = arrival->octets;
	c->is_shared = arrival->is_shared;
	c->is_refused = arrival->is_refused;
	if (!take_facts(c, &arrival->facts, peer) || !client_enter(c))
		return false;
	c->passed = arrival->passed;
	return true;
}

void
client_go_on(struct worker *w, int socket, const struct worker_arrival *arrival)
{
	struct address peer = { .length = sizeof(peer.storage) };
	struct client *c = NULL;
	int error;

	if (getpeername(socket, (struct sockaddr *)&peer.storage,
		&peer.length) == 0)
		c = client_make(w, socket, &peer);
	if (c && enter_arrived(c, arrival, &peer))
		return;
	error = errno;
	w->facts.mail->send_done(w->facts.porter, arrival->passed);
	if (!c)
		free((char *)(uintptr_t)arrival->octets.data);
	errno = error;
	client_give_up(w, c, socket);
}

/* It waits for the client as one that has just come. */
static void
watch_again(struct client *c)
{
	if (wait_fiber_open(&c->wait, c->worker->loop, c->socket) < 0)
		log_debug("a client cannot be watched: %s", strerror(errno));
	c->wait.show = client_show;
}

static void
note_requests(struct client *c, uint64_t requests)
{
	if (requests <= c->requests)
		return;
	c->requests = requests;
	if (c->facts)
		c->facts->requests = requests;
}

/* False: there is no memory. */
static bool
take_octets(struct client *c, struct slice octets)
{
	char *copy = malloc(octets.len + 1);

	client_free_octets(c);
	if (!copy)
		return false;
	memcpy(copy, octets.data, octets.len);
	c->unread.data = copy;
	c->unread.len = octets.len;
	return true;
}

void
client_return(struct client *c, enum client_return how, uint64_t requests,
    struct slice octets)
{
	never_linger(c->socket);
	watch_again(c);
	note_requests(c, requests);
	if (how == CLIENT_RESTS || how == CLIENT_ENDS)
		client_free_octets(c);
	if (how == CLIENT_RESTS && !c->worker->is_stopping && !c->is_told) {
		loop_rest(&c->wait.watch, &c->rest,
		    clock_ms() + c->limits->idle_timeout_ms);
		return;
	}
	if ((how == CLIENT_GOES_ON && take_octets(c, octets) &&
		client_resume(c)) ||
	    (how == CLIENT_AGAIN && client_resume(c)))
		return;
	client_free_octets(c);
	client_end(c);
}
