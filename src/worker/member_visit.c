/*
 * A client of a member: from the porter, and back to it.
 *
 * SPDX-License-Identifier: ISC
 */
#include "worker/member_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/route.h"
#include "connection/penalty.h"
#include "message/channel.h"
#include "message/wait_poll.h"
#include "sandbox/quota.h"

/* A client that is idle for so long goes back. */
#define REST_AFTER_MS 100

/* If others wait, it goes back when it has been idle for so long, or has had the process
 * for its turn: each way costs as much as some requests. */
#define REST_SOON_MS 1
#define TURN_MS	     4

struct member *
member_self(void)
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

bool
member_is_used_up(const struct member *m)
{
	const struct scoreboard_page *page = m->facts.page;

	return page->is_retired ||
	    page->requests >= m->route->processes->requests ||
	    quota_is_spent(&m->route->limits);
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
	row->handler_index = page->handler_index;
	copy_text(row->handler, sizeof(row->handler), page->handler);
	copy_text(row->client, sizeof(row->client), page->client);
	copy_text(row->request, sizeof(row->request), page->request);
	row->state = page->state;
	wait->rest_after_ms = page->others_wait ? REST_SOON_MS : REST_AFTER_MS;
}

void
member_show_title(const struct member *m)
{
	char title[64];

	snprintf(title, sizeof(title), "pool %s", m->route->path);
	title_set(title);
}

/* Nothing of the client before is left in the page. */
void
member_show_idle(struct member *m)
{
	struct scoreboard_page *page = m->facts.page;

	m->row->state = SCOREBOARD_FREE;
	page->state = SCOREBOARD_FREE;
	page->client[0] = page->request[0] = page->handler[0] = '\0';
	page->since = page->request_since = 0;
	page->is_unrecorded = 0;
	member_show_title(m);
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

static bool
has_had_its_turn(const struct member *m)
{
	return m->facts.page->others_wait &&
	    clock_ms() - m->visit.began_ms >= TURN_MS;
}

static int
wait_for_request(struct wait *wait, int fd, int64_t deadline_ms)
{
	const struct member *m = (struct member *)(void *)wait;

	show(wait);
	/* What comes now is for another one, or has to wait for its turn. */
	if (member_is_used_up(m) || has_had_its_turn(m)) {
		errno = ECANCELED;
		return -1;
	}
	return wait_poll()->methods->for_request(wait, fd, deadline_ms);
}

const struct wait_methods *
member_wait_methods(void)
{
	static struct wait_methods methods;

	methods = *wait_poll()->methods;
	methods.for_client = wait_for_octets;
	methods.for_request = wait_for_request;
	methods.show = show;
	return &methods;
}

/*
 * Giving the client away.
 */

void
member_sleep_a_moment(void)
{
	poll(NULL, 0, MEMBER_AGAIN_MS);
}

int
member_answer(struct member *m, const struct iovec *octets, size_t count)
{
	struct loan_answer_message *answer = &m->visit.answer;
	const int link = m->polled[MEMBER_POLLED + m->visit.link].fd;
	const int64_t until_ms = clock_ms() + MEMBER_GIVE_MS;

	answer->is_last = member_is_used_up(m);
	while (loan_send(link, answer, sizeof(*answer), -1, octets, count) <
	    0) {
		if (errno != EAGAIN || clock_ms() > until_ms) {
			log_debug("a worker is not answered: %s",
			    strerror(errno));
			return -1;
		}
		member_sleep_a_moment();
	}
	return 0;
}

static bool
is_loan(const struct visit *v)
{
	return v->link >= 0;
}

static int
give(struct member *m, const struct connection_facts *facts,
    struct ledger_parcel *parcel, const struct iovec *unread, size_t count)
{
	const struct worker_label label = { m->sequence + 1, m->visit.passed };
	const int64_t until_ms = clock_ms() + MEMBER_GIVE_MS;

	while (m->facts.mail->send(m->facts.porter, &label, m->visit.socket,
		   facts, unread, count) < 0) {
		if (errno != EAGAIN || clock_ms() > until_ms)
			return -1;
		member_sleep_a_moment();
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
	struct member *m = member_self();
	struct ledger_parcel parcel = parcel_of(&m->visit, channel->key);

	(void)arguments;
	if (is_loan(&m->visit)) {
		m->visit.answer.answer = LOAN_GOES_ON;
		m->visit.answer.requests = channel->facts.requests;
		return member_answer(m, unread, count);
	}
	worker_address_parcel(m->visit.socket, route, &parcel);
	return give(m, &channel->facts, &parcel, unread, count);
}

static int
give_idle(struct member *m)
{
	struct ledger_parcel parcel = parcel_of(&m->visit, m->rest.key);

	if (is_loan(&m->visit)) {
		m->visit.answer.answer = LOAN_RESTS;
		m->visit.answer.requests = m->rest.facts.requests;
		return 0;
	}
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
	const int64_t until_ms = clock_ms() + MEMBER_GIVE_MS;
	struct visit *v = &m->visit;

	if (is_loan(v)) {
		/* The worker's close is the last one. */
		close(v->socket);
		v->socket = -1;
		if (v->answer.answer != LOAN_GOES_ON)
			member_answer(m, NULL, 0);
		return;
	}
	while (v->passed != 0 && v->is_shared &&
	    mail->send_socket(m->facts.porter, v->passed, v->socket) < 0 &&
	    errno == EAGAIN && clock_ms() < until_ms)
		member_sleep_a_moment();
	close(v->socket);
	while (v->passed != 0 &&
	    mail->send_done(m->facts.porter, v->passed) < 0 &&
	    errno == EAGAIN && clock_ms() < until_ms)
		member_sleep_a_moment();
	v->socket = -1;
}

/*
 * Serving a client.
 */

static struct connection_arguments
arguments_of(struct member *m, const struct worker_arrival *arrival)
{
	const struct worker_facts *facts = &m->facts;

	return (struct connection_arguments){ .in = m->visit.socket,
		.out = m->visit.socket,
		.access_log = facts->has_access_log ? CONNECTION_LOG_CHANNEL :
						      -1,
		.page = facts->page,
		.tally = scoreboard_tally(facts->page),
		.penalties = facts->penalties,
		.wait = &m->wait,
		.give = give_away,
		.place = ROUTE_POOL,
		.own_route = m->route,
		.unread = arrival->octets,
		.out_is_shared = arrival->is_shared,
		.rest = &m->rest,
		.key = m->visit.key,
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
		.link = -1,
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
run(struct member *m, const struct worker_arrival *arrival)
{
	struct connection_arguments arguments = arguments_of(m, arrival);

	/* The peer of a loan is not known here; who lends has looked. */
	arguments.facts.from_proxy = arguments.facts.from_proxy ||
	    configuration_trusts(m->facts.configuration, &m->visit.peer);
	if (connection_run_in(m->memory, &arguments, m->facts.configuration) ==
		CONNECTION_RESTS &&
	    give_idle(m) < 0)
		log_debug("an idle connection is closed: %s", strerror(errno));
}

void
member_serve(struct member *m, int socket, const struct worker_arrival *arrival)
{
	struct visit *v = &m->visit;

	begin_visit(m, socket, arrival);
	if (getpeername(socket, (struct sockaddr *)&v->peer.storage,
		&v->peer.length) == 0) {
		v->key = penalty_key_named(socket, &v->peer,
		    &arrival->facts.client);
		run(m, arrival);
	}
	end_visit(m);
}

void
member_serve_loan(struct member *m, int link, int socket,
    const struct loan *loan, struct slice octets)
{
	const struct worker_arrival arrival = { .is_shared = loan->is_shared,
		.facts = loan->facts,
		.octets = octets };

	begin_visit(m, socket, &arrival);
	m->visit.link = link;
	m->visit.key = loan->key;
	m->visit.answer.serial = loan->serial;
	run(m, &arrival);
	end_visit(m);
}
