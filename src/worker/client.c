/*
 * A client of a worker: its connection, from the accept to the close. While it is
 * idle for longer it rests: then it has neither fiber nor seat.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "connection/penalty.h"
#include "worker/internal.h"

/* An idle connection keeps its seat for so long. */
#define REST_AFTER_MS 100

void
client_show(struct wait_fiber *wait)
{
	struct client *c = (struct client *)(void *)wait;

	rows_show(c);
	/* The header of a proxy has come then. */
	wait->wait.rest_after_ms = c->seat->page.requests > 0 ||
		!c->seat->arguments.by_proxy ?
	    REST_AFTER_MS :
	    0;
}

static void
count(const struct client *c, int more)
{
	const struct worker_facts *facts = &c->worker->facts;

	ledgers_count(facts->ledgers, facts->number, more);
	if (!c->is_counted)
		return;
	if (more > 0)
		ledgers_enter(facts->ledgers, facts->number, c->peer_key);
	else
		ledgers_leave(facts->ledgers, facts->number, c->peer_key);
}

static void
join(struct client *c)
{
	struct worker *w = c->worker;

	c->next = w->clients;
	if (c->next)
		c->next->before = c;
	w->clients = c;
	w->count++;
	count(c, 1);
}

static void
leave(struct client *c)
{
	struct worker *w = c->worker;

	if (c->next)
		c->next->before = c->before;
	if (c->before)
		c->before->next = c->next;
	else
		w->clients = c->next;
	w->count--;
	count(c, -1);
}

void
client_note_last(struct worker *w)
{
	if (w->is_draining && w->count == 0)
		loop_nudge(&w->errors);
}

void
client_end(struct client *c)
{
	struct worker *w = c->worker;

	if (c->passed) /* Others may have the socket, too. */
		loop_unwatch(&c->wait.watch);
	wait_fiber_close(&c->wait);
	rows_give(c);
	leave(c);
	free(c->facts);
	if (c->passed) {
		untold_note_end(c);
	} else {
		close(c->socket);
		free(c);
	}
	client_note_last(w);
}

static struct address
peer_of(const struct client *c)
{
	struct address peer = { .length = sizeof(peer.storage) };

	if (c->peer.length == UINT8_MAX) {
		if (getpeername(c->socket, (struct sockaddr *)&peer.storage,
			&peer.length) < 0)
			peer.length = 0;
		return peer;
	}
	memcpy(&peer.storage, c->peer.octets, c->peer.length);
	peer.length = c->peer.length;
	return peer;
}

static void
keep_peer(struct client *c, const struct address *peer)
{
	if (peer->length > sizeof(c->peer.octets)) {
		c->peer.length = UINT8_MAX;
		return;
	}
	c->peer.length = (uint8_t)peer->length;
	memcpy(c->peer.octets, &peer->storage, peer->length);
}

static void
fill_arguments(struct client *c)
{
	const struct worker_facts *facts = &c->worker->facts;
	struct seat *seat = c->seat;

	seat->arguments = (struct connection_arguments){ .in = c->socket,
		.out = c->socket,
		.access_log = facts->has_access_log ? CONNECTION_LOG_CHANNEL :
						      -1,
		.page = &seat->page,
		.tally = scoreboard_tally(facts->page),
		.penalties = facts->penalties,
		.wait = &c->wait.wait,
		.give = give_away,
		.place = facts->place,
		.is_refused = c->is_refused,
		.unread = c->unread,
		.out_is_shared = c->is_shared,
		.rest = &seat->rest,
		.limits = c->limits,
		.key = c->key,
		/* The lines of all its connections come by one ring. */
		.names_client = true,
		.facts = { .client = seat->peer, .requests = c->requests } };
	if (c->facts)
		seat->arguments.facts = *c->facts;
	seat->arguments.facts.from_proxy = !c->is_counted;
	seat->arguments.by_proxy = !c->has_rested &&
	    configuration_wants_proxy_header(facts->configuration, &seat->peer);
}

static void
say_what_worker_is_told(struct client *c)
{
	struct scoreboard_page *page = &c->seat->page;

	page->is_draining |= c->worker->is_draining || c->is_told;
	page->is_unwanted |= c->is_told;
	page->is_stopping |= c->worker->is_stopping;
}

/* Of the facts only those are kept that the socket does not tell again. False:
 * there is no memory. */
static bool
keep_rest(struct client *c)
{
	const struct connection_rest *rest = &c->seat->rest;
	bool is_named = rest->facts.secure ||
	    !address_equal(&rest->facts.client, &c->seat->peer);

	c->limits = rest->limits;
	c->requests = rest->facts.requests;
	c->key = rest->key;
	c->has_rested = true;
	if (is_named && !c->facts)
		c->facts = malloc(sizeof(*c->facts));
	if (c->facts)
		*c->facts = rest->facts;
	return !is_named || c->facts;
}

static void
give_seat(struct client *c)
{
	rows_show(c);
	seat_give(c->worker, c->seat);
	c->seat = NULL;
}

void
client_free_octets(struct client *c)
{
	free((char *)(uintptr_t)c->unread.data);
	c->unread = (struct slice){ 0 };
}

/* Where handlers of others run, no idle client stays. */
static bool
may_rest(struct client *c)
{
	return c->worker->facts.place == ROUTE_WORKER || give_idle(c) < 0;
}

/* A request that no member of its pool takes is served here again, for a 503. */
static enum connection_end
serve(struct client *c)
{
	struct seat *seat = c->seat;
	enum connection_end how;

	for (;;) {
		rows_resume(c);
		fill_arguments(c);
		say_what_worker_is_told(c);
		c->is_again = false;
		how = connection_run_in(seat->memory, &seat->arguments,
		    c->worker->facts.configuration);
		if (!c->is_again || !keep_rest(c))
			return how;
	}
}

/* The member shows it meanwhile. */
static void
be_lent(struct client *c)
{
	if (!keep_rest(c))
		log_debug("there is no memory for the facts of a client");
	c->is_refused = false;
	give_seat(c);
	rows_hide(c);
}

static void
run(void *argument)
{
	struct client *c = argument;
	struct seat *seat = c->seat;
	int64_t until_ms;
	bool rests;

	rests = serve(c) == CONNECTION_RESTS && may_rest(c) && keep_rest(c);
	if (c->link) {
		be_lent(c);
		return;
	}
	client_free_octets(c);
	c->is_refused = false;
	until_ms = seat->rest.until_ms;
	give_seat(c);
	if (rests)
		loop_rest(&c->wait.watch, &c->rest, until_ms);
	else
		client_end(c);
}

bool
client_resume(struct client *c)
{
	struct worker *w = c->worker;
	struct seat *seat = seat_take(w);

	if (!seat)
		return false;
	c->seat = seat;
	seat->client = c;
	seat->peer = peer_of(c);
	if (loop_start(w->loop, run, c) == 0)
		return true;
	c->seat = NULL;
	seat_give(w, seat);
	return false;
}

/* A rest ends when the client sends, or after idle_timeout. */
static void
wake(struct loop_rest *rest, enum loop_outcome outcome)
{
	struct client *c = (struct client *)(void *)((char *)rest -
	    offsetof(struct client, rest));

	if (outcome == LOOP_TIMED_OUT || !client_resume(c))
		client_end(c);
}

struct client *
client_make(struct worker *w, int socket, const struct address *peer)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->worker = w;
	c->socket = socket;
	c->rest.wake = wake;
	c->peer_key = address_client_key(peer);
	c->key = penalty_key(socket, peer);
	c->began_ms = clock_ms();
	c->began = (int64_t)time(NULL);
	c->is_counted = !configuration_trusts(w->facts.configuration, peer);
	keep_peer(c, peer);
	return c;
}

/* False: it cannot be served. */
bool
client_enter(struct client *c)
{
	struct worker *w = c->worker;

	if (!rows_take(c))
		return false;
	if (wait_fiber_open(&c->wait, w->loop, c->socket) == 0) {
		c->wait.show = client_show;
		if (client_resume(c)) {
			join(c);
			return true;
		}
		wait_fiber_close(&c->wait);
	}
	rows_give(c);
	return false;
}

/* A client that has reset its connection is no error. */
void
client_give_up(struct worker *w, struct client *c, int socket)
{
	if (errno != ENOTCONN && ratelimit_allows(&w->exhausted))
		log_error("cannot serve a connection: %s", strerror(errno));
	if (c) {
		free(c->facts);
		client_free_octets(c);
	}
	free(c);
	close(socket);
}

void
client_begin(struct worker *w, int socket, const struct address *peer)
{
	struct client *c = client_make(w, socket, peer);

	if (c && client_enter(c))
		w->facts.page->connections++;
	else
		client_give_up(w, c, socket);
}

/* One that rests goes on if it has to end. */
void
client_tell_all(struct worker *w)
{
	struct client *c, *next;

	for (c = w->clients; c; c = next) {
		next = c->next;
		if (c->seat)
			say_what_worker_is_told(c);
		if (c->seat || w->is_stopping)
			loop_nudge(&c->wait.watch);
	}
}
