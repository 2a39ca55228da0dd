/* SPDX-License-Identifier: ISC */
#include "worker/member.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/handler_stderr.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/orphan.h"
#include "base/scoreboard.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/connection.h"
#include "connection/first_handler.h"
#include "connection/handler_state.h"
#include "connection/penalty.h"
#include "message/channel.h"
#include "message/wait_poll.h"
#include "sandbox/quota.h"
#include "sandbox/sandbox.h"
#include "worker/worker.h"

/* A client that is idle for so long goes back; the next one may be waiting. */
#define REST_AFTER_MS 20

/* A connection waits so long for the porter, to be given away, and looks that often.
 * One that ends waits so long for what is on its way. */
#define GIVE_MS	 2000
#define AGAIN_MS 5
#define LAST_MS	 2000

/* A client of the member: its present one. */
struct visit {
	int socket;	 /* -1: none */
	uint64_t passed; /* the number by which it has come; 0: given away */
	bool is_shared;	 /* as in worker_arrival */
	struct address peer;
	int64_t began_ms, began; /* of clock_ms; seconds since 1970 */
	uint64_t before;	 /* the requests of the process before it */
	uint64_t received, sent; /* likewise */
};

struct member {
	struct wait wait; /* must be first */
	struct worker_facts facts;
	const struct route *route;
	struct connection_memory *memory;
	struct connection_rest rest;
	struct visit visit;
	struct ledger_row *row; /* by which others see the client */
	uint64_t sequence;	/* of the last connection that was given away */
};

/* The process has one. */
static struct member *
self(void)
{
	static struct member member;

	return &member;
}

/*
 * What others see.
 */

static void
copy_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = '\0';
}

static bool
is_used_up(const struct member *m)
{
	const struct scoreboard_page *page = m->facts.page;

	return page->is_retired ||
	    page->requests >= m->route->processes->requests;
}

static void
show(struct wait *wait)
{
	struct member *m = (struct member *)(void *)wait;
	const struct scoreboard_page *page = m->facts.page;
	struct ledger_row *row = m->row;

	row->requests = page->requests - m->visit.before;
	row->received = page->bytes_received - m->visit.received;
	row->sent = page->bytes_sent - m->visit.sent;
	row->request_since = page->request_since;
	row->request_since_ms = page->request_since_ms;
	row->turn_ms = page->turn_ms;
	copy_text(row->handler, sizeof(row->handler), page->handler);
	copy_text(row->client, sizeof(row->client), page->client);
	copy_text(row->request, sizeof(row->request), page->request);
	row->state = page->state;
	wait->rest_after_ms = REST_AFTER_MS;
}

/*
 * It waits by poll, as a process of its own does, and shows first what it has done.
 */

static int
wait_for_octets(struct wait *wait, int fd, short events, int64_t deadline_ms)
{
	show(wait);
	return wait_poll()->methods->for_client(wait, fd, events, deadline_ms);
}

static int
wait_for_request(struct wait *wait, int fd, int64_t deadline_ms)
{
	show(wait);
	/* What comes now is for the next one. */
	if (is_used_up((struct member *)(void *)wait)) {
		errno = ECANCELED;
		return -1;
	}
	return wait_poll()->methods->for_request(wait, fd, deadline_ms);
}

static const struct wait_methods *
wait_methods(void)
{
	static struct wait_methods methods;

	methods = *wait_poll()->methods;
	methods.for_client = wait_for_octets;
	methods.for_request = wait_for_request;
	methods.show = show;
	return &methods;
}

static void
show_title(const struct member *m)
{
	char title[64];

	snprintf(title, sizeof(title), "pool %s", m->route->path);
	title_set(title);
}

/* Nothing of the client before is left in the page. */
static void
show_idle(struct member *m)
{
	struct scoreboard_page *page = m->facts.page;

	m->row->state = SCOREBOARD_FREE;
	page->state = SCOREBOARD_FREE;
	page->client[0] = page->request[0] = page->handler[0] = '\0';
	page->since = page->request_since = 0;
	page->is_unrecorded = 0;
	show_title(m);
}

static void
wake_generation(const struct member *m)
{
	const uint64_t one = 1;

	if (write(m->facts.wake, &one, sizeof(one)) < 0)
		log_debug("the generation has been woken already");
}

/*
 * Giving the client away.
 */

static void
sleep_a_moment(void)
{
	poll(NULL, 0, AGAIN_MS);
}

static int
give(struct member *m, const struct connection_facts *facts,
    struct ledger_parcel *parcel, const struct iovec *unread, size_t count)
{
	const struct worker_label label = { m->sequence + 1, m->visit.passed };
	const int64_t until_ms = clock_ms() + GIVE_MS;

	while (m->facts.mail->send(m->facts.porter, &label, m->visit.socket,
		   facts, unread, count) < 0) {
		if (errno != EAGAIN || clock_ms() > until_ms)
			return -1;
		sleep_a_moment();
	}
	parcel->sequence = label.sequence;
	m->sequence = label.sequence;
	m->visit.passed = 0;
	/* It has one at a time, so there is room. */
	ledgers_put_parcel(m->facts.ledgers, m->facts.number, parcel);
	return 0;
}

static struct ledger_parcel
parcel_of(const struct visit *v, struct address_key key)
{
	return (struct ledger_parcel){
		.began_ms = v->began_ms, .peer = v->peer, .key = key
	};
}

/* In place of connection_arguments.give. */
static int
give_away(const struct connection_arguments *arguments,
    const struct channel *channel, const struct route *route,
    const struct iovec *unread, size_t count)
{
	struct member *m = self();
	struct ledger_parcel parcel = parcel_of(&m->visit, channel->key);

	(void)arguments;
	worker_address_parcel(m->visit.socket, route, &parcel);
	return give(m, &channel->facts, &parcel, unread, count);
}

static int
give_idle(struct member *m)
{
	struct ledger_parcel parcel = parcel_of(&m->visit, m->rest.key);

	worker_address_parcel(m->visit.socket, NULL, &parcel);
	parcel.place = ROUTE_WORKER;
	return give(m, &m->rest.facts, &parcel, NULL, 0);
}

/* Where another process may have the socket, too, the porter closes it last (see
 * untold.c). */
static void
end_visit(struct member *m)
{
	const struct worker_mail *mail = m->facts.mail;
	const int64_t until_ms = clock_ms() + GIVE_MS;
	struct visit *v = &m->visit;

	while (v->passed != 0 && v->is_shared &&
	    mail->send_socket(m->facts.porter, v->passed, v->socket) < 0 &&
	    errno == EAGAIN && clock_ms() < until_ms)
		sleep_a_moment();
	close(v->socket);
	while (v->passed != 0 &&
	    mail->send_done(m->facts.porter, v->passed) < 0 &&
	    errno == EAGAIN && clock_ms() < until_ms)
		sleep_a_moment();
	v->socket = -1;
}

/*
 * Serving a client.
 */

static struct address_key
key_of(const struct visit *v, const struct connection_facts *facts)
{
	return facts->secure || !address_equal(&facts->client, &v->peer) ?
	    address_client_key(&facts->client) :
	    penalty_key(v->socket, &v->peer);
}

static struct connection_arguments
arguments_of(struct member *m, const struct worker_arrival *arrival)
{
	const struct worker_facts *facts = &m->facts;

	return (struct connection_arguments){ .in = m->visit.socket,
		.out = m->visit.socket,
		.access_log = facts->has_access_log ? CONNECTION_LOG_CHANNEL :
						      -1,
		.page = facts->page,
		.penalties = facts->penalties,
		.wait = &m->wait,
		.give = give_away,
		.place = ROUTE_POOL,
		.own_route = m->route,
		.unread = arrival->octets,
		.out_is_shared = arrival->is_shared,
		.rest = &m->rest,
		.key = key_of(&m->visit, &arrival->facts),
		/* The lines of all its connections come by one ring. */
		.names_client = true,
		.facts = arrival->facts };
}

static void
begin_visit(struct member *m, int socket, const struct worker_arrival *arrival)
{
	const struct scoreboard_page *page = m->facts.page;
	struct visit *v = &m->visit;
	const uint32_t serial = m->row->serial + 1;

	*v = (struct visit){ .socket = socket,
		.passed = arrival->passed,
		.is_shared = arrival->is_shared,
		.peer.length = sizeof(v->peer.storage),
		.began_ms = clock_ms(),
		.began = (int64_t)time(NULL),
		.before = page->requests,
		.received = page->bytes_received,
		.sent = page->bytes_sent };
	*m->row = (struct ledger_row){ .state = SCOREBOARD_WAITING,
		.serial = serial,
		.since = v->began,
		.since_ms = v->began_ms,
		.turn_ms = v->began_ms };
}

static void
serve(struct member *m, int socket, const struct worker_arrival *arrival)
{
	struct connection_arguments arguments;
	struct visit *v = &m->visit;

	begin_visit(m, socket, arrival);
	if (getpeername(socket, (struct sockaddr *)&v->peer.storage,
		&v->peer.length) == 0) {
		arguments = arguments_of(m, arrival);
		if (connection_run_in(m->memory, &arguments,
			m->facts.configuration) == CONNECTION_RESTS &&
		    give_idle(m) < 0)
			log_debug("an idle connection is closed: %s",
			    strerror(errno));
	}
	end_visit(m);
	show_idle(m);
}

/* False: none has come. The ledger has the connection from before it is no more on
 * its way. */
static bool
receive(struct member *m)
{
	const struct worker_facts *f = &m->facts;
	struct worker_arrival arrival = { .passed = 0 };
	int socket = f->mail->receive(f->porter,
	    connection_handoff_octets(f->configuration), &arrival);

	if (socket < 0 && !arrival.is_missing && arrival.passed == 0)
		return false;
	ledgers_count(f->ledgers, f->number, 1);
	ledgers_note_received(f->ledgers, f->number);
	if (socket >= 0)
		serve(m, socket, &arrival);
	else if (arrival.passed != 0)
		f->mail->send_done(f->porter, arrival.passed);
	free((char *)(uintptr_t)arrival.octets.data);
	if (is_used_up(m)) {
		/* The generation passes it no more, as it never says that it is
		 * idle again. */
		log_debug("the process is used up");
		return false;
	}
	ledgers_count(f->ledgers, f->number, -1);
	wake_generation(m);
	return true;
}

static bool
is_told_to_end(const struct member *m)
{
	const struct scoreboard_page *page = m->facts.page;

	return page->is_stopping || page->is_draining || page->is_unwanted ||
	    orphan_is_noted();
}

static void
wait_for_last(struct member *m)
{
	const struct worker_facts *f = &m->facts;
	const int64_t until_ms = clock_ms() + LAST_MS;

	while (!is_used_up(m) && ledgers_on_way(f->ledgers, f->number) > 0 &&
	    clock_ms() < until_ms && !orphan_is_noted())
		if (!receive(m))
			sleep_a_moment();
}

/* False: the porter has ended. */
static bool
wait_for_client(const struct member *m)
{
	struct pollfd fds[2] = {
		{ .fd = m->facts.porter, .events = POLLIN },
		{ .fd = handler_stderr_descriptor(), .events = POLLIN },
	};

	if (nudge_poll(fds, 2, -1) < 0)
		return true;
	if (fds[1].revents)
		handler_stderr_drain();
	return !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL));
}

static void
serve_all(struct member *m)
{
	while (!is_told_to_end(m) && wait_for_client(m)) {
		while (receive(m) && !is_told_to_end(m))
			continue;
		if (is_used_up(m))
			return;
	}
	wait_for_last(m);
}

/*
 * The start.
 */

/* Their limits of time hold for child as for a request. */
static bool
call_child(struct member *m)
{
	struct scoreboard_page *page = m->facts.page;
	struct quota quota = { .limits = NULL };
	bool ok = true;
	size_t i;

	page->state = SCOREBOARD_HANDLING;
	quota_begin(&quota, &m->route->limits, page);
	for (i = 0; i < m->route->handler_count && ok; i++) {
		copy_text(page->handler, sizeof(page->handler),
		    m->route->handlers[i].name);
		ok = handler_state_prepare(m->facts.configuration,
			 &m->route->handlers[i]) == 0;
	}
	quota_end(&quota);
	return ok;
}

static bool
open_member(struct member *m, const struct worker_facts *facts,
    const struct route *route)
{
	m->wait.methods = wait_methods();
	m->facts = *facts;
	m->route = route;
	m->sequence = facts->first_sequence;
	m->visit.socket = -1;
	m->row = ledgers_row(facts->ledgers, facts->number, 0);
	m->memory = calloc(1, connection_memory_bytes() + 64);
	if (!m->memory) {
		log_error("there is no memory for a connection");
		return false;
	}
	m->memory = (struct connection_memory *)(((uintptr_t)m->memory + 63) &
	    ~(uintptr_t)63);
	facts->page->pid = (uint64_t)getpid();
	show_title(m);
	handler_stderr_open();
	first_handler_tell(route->handlers[0].index);
	return sandbox_enter(facts->sandbox, route) == 0 && call_child(m);
}

void
member_run(const struct worker_facts *facts, const struct route *route)
{
	struct member *m = self();

	if (!open_member(m, facts, route)) {
		handler_stderr_drain();
		_exit(CONNECTION_FAILED);
	}
	show_idle(m);
	/* From now on the generation passes it connections. */
	ledgers_note_row(facts->ledgers, facts->number, 0);
	wake_generation(m);
	serve_all(m);
	handler_stderr_drain();
	log_debug("_exit(%d)", (int)CONNECTION_DONE);
	_exit(CONNECTION_DONE);
}
