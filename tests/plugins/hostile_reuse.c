/*
 * A handler that promises that its process can be used again, and attacks by what a
 * member of a pool has: its ledger and its page, the socket of its place, what wakes
 * the generation, and the sockets of its clients. /hostile?do=NAME.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ledgers_internal.h"
#include "base/scoreboard.h"
#include "config/route.h"
#include "message/channel.h"
#include "message/request.h"
#include "worker/member_internal.h"

#define LONG_MS	  6000
#define MUCH_TIME 3600

/* What an attack has at hand. */
struct self {
	struct member *member;
	const struct worker_facts *facts;
	struct ledger_head *head;
	const struct connection_facts *client;
};

static struct self
self_of(struct prong_request *r)
{
	const struct request *request = (struct request *)(void *)r;
	struct self s = {
		.member = (struct member *)(void *)request->channel->io.wait
	};

	s.facts = &s.member->facts;
	s.head = s.facts->ledgers->own[s.facts->number].head;
	s.client = &request->channel->facts;
	return s;
}

static void
rest_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void
wake(const struct self *s)
{
	const uint64_t one = 1;

	if (write(s->facts->wake, &one, sizeof(one)) < 0)
		return;
}

static struct ledger_parcel
parcel_for(uint64_t sequence, uint32_t place, uint32_t pool)
{
	struct ledger_parcel parcel = { .sequence = sequence,
		.began_ms = clock_ms(),
		.place = place,
		.pool = pool };
	struct sockaddr_in *peer =
	    (struct sockaddr_in *)(void *)&parcel.peer.storage;

	peer->sin_family = AF_INET;
	peer->sin_port = htons(7);
	peer->sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	parcel.peer.length = sizeof(*peer);
	parcel.server = parcel.peer;
	return parcel;
}

static void
announce(const struct self *s, uint64_t sequence, uint32_t place, uint32_t pool)
{
	const uint64_t put = s->head->put_parcels;

	s->head->parcels[put % LEDGERS_PARCELS] = parcel_for(sequence, place,
	    pool);
	__atomic_store_n(&s->head->put_parcels, put + 1, __ATOMIC_RELEASE);
}

static int
send_parcel(const struct self *s, uint64_t sequence, uint64_t passed,
    const char *octets)
{
	const struct worker_label label = { sequence, passed };
	const struct iovec iov = { (void *)(uintptr_t)octets, strlen(octets) };

	return s->facts->mail->send(s->facts->porter, &label,
	    s->member->visit.socket, s->client, &iov, 1);
}

/* Connections that it never got, for processes. */
static const char *
announce_never(const struct self *s)
{
	unsigned i;

	for (i = 1; i <= 200; i++) {
		announce(s, s->member->sequence + i, ROUTE_OWN, 0);
		if (i % 32 == 0) {
			wake(s);
			rest_ms(20);
		}
	}
	wake(s);
	rest_ms(LONG_MS);
	return "lives";
}

/* Numbers of others, and of the process before. */
static const char *
announce_others(const struct self *s)
{
	announce(s, 1, ROUTE_OWN, 0);
	wake(s);
	rest_ms(LONG_MS);
	return "lives";
}

/* Its client, to places that there are not, and its next request. */
static const char *
give_to(const struct self *s, uint32_t place, uint32_t pool)
{
	const uint64_t sequence = ++s->member->sequence;

	if (send_parcel(s, sequence, s->member->visit.passed,
		"GET /pool/pid HTTP/1.1\r\nHost: a\r\n\r\n") < 0)
		return "EAGAIN";
	announce(s, sequence, place, pool);
	s->member->visit.passed = 0;
	wake(s);
	return "done";
}

/* As if another client had sent it, which is punished for the crash. */
static const char *
give_for_other(const struct self *s)
{
	const uint64_t sequence = ++s->member->sequence;

	if (send_parcel(s, sequence, s->member->visit.passed,
		"GET /own/crash HTTP/1.1\r\nHost: a\r\n\r\n") < 0)
		return "EAGAIN";
	announce(s, sequence, ROUTE_OWN, 0);
	s->member->visit.passed = 0;
	wake(s);
	close(s->member->visit.socket);
	s->member->visit.socket = -1;
	rest_ms(200);
	_exit(0);
}

static const char *
flood_porter(const struct self *s)
{
	const int64_t until_ms = clock_ms() + LONG_MS / 2;
	uint64_t i = 0;

	while (clock_ms() < until_ms)
		if (send_parcel(s, s->member->sequence + 1000 + i++, 0, "") < 0)
			rest_ms(1);
	return "done";
}

static const char *
flood_wakes(const struct self *s)
{
	const int64_t until_ms = clock_ms() + LONG_MS / 2;

	while (clock_ms() < until_ms)
		wake(s);
	return "done";
}

/* Who writes there waits. */
static const char *
fill_wake(const struct self *s)
{
	const uint64_t all = UINT64_MAX - 1;
	uint64_t before;

	do
		if (read(s->facts->wake, &before, sizeof(before)) < 0 &&
		    errno != EAGAIN)
			return "EPERM";
	while (write(s->facts->wake, &all, sizeof(all)) < 0);
	if (fcntl(s->facts->wake, F_SETFL,
		fcntl(s->facts->wake, F_GETFL) & ~O_NONBLOCK) < 0)
		return "EPERM";
	rest_ms(LONG_MS);
	kill(getpid(), SIGKILL);
	return "lives";
}

/* It has a client, and gets others. */
static const char *
claim_idle(const struct self *s)
{
	const int64_t until_ms = clock_ms() + LONG_MS;

	while (clock_ms() < until_ms) {
		s->head->connections = 0;
		s->head->received = s->head->passed;
		wake(s);
		rest_ms(1);
	}
	return "done";
}

/* The client has long gone. */
static const char *
claim_busy(const struct self *s)
{
	close(s->member->visit.socket);
	while (clock_ms() > 0) {
		s->facts->page->is_waiting = 0;
		rest_ms(1000);
	}
	return "lives";
}

/* With a connection on its way. */
static const char *
end_with_next(const struct self *s)
{
	const int64_t until_ms = clock_ms() + LONG_MS;
	struct pollfd fd = { .fd = s->facts->porter, .events = POLLIN };

	s->head->connections = 0;
	wake(s);
	while (clock_ms() < until_ms)
		if (poll(&fd, 1, 100) > 0)
			break;
	kill(getpid(), SIGKILL);
	return "lives";
}

/* It takes the connection, says that it has not, and ends: it goes elsewhere, too. */
static const char *
end_without(const struct self *s)
{
	s->head->received = 0;
	s->head->put_parcels = s->head->taken_parcels;
	kill(getpid(), SIGKILL);
	return "lives";
}

static const char *
claim_put(const struct self *s)
{
	memset(s->head->parcels, 0xff, sizeof(s->head->parcels));
	s->head->put_parcels = UINT64_MAX / 2;
	wake(s);
	rest_ms(LONG_MS);
	return "lives";
}

static const char *
fill_ledger(const struct self *s)
{
	const struct ledgers *l = s->facts->ledgers;
	const size_t number = s->facts->number;

	memset(l->memory.own + l->count * l->whole +
		(number - l->count) * l->small,
	    0xff, l->small);
	memset(s->facts->page, 0xff, sizeof(*s->facts->page));
	wake(s);
	rest_ms(500);
	kill(getpid(), SIGKILL);
	return "lives";
}

/* What it keeps a copy of it poisons; it goes on elsewhere. */
static const char *
poison(const struct self *s)
{
	const struct linger linger = { 1, MUCH_TIME };
	const int copy = dup(s->member->visit.socket);

	if (copy < 0)
		return "EMFILE";
	fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) & ~O_NONBLOCK);
	setsockopt(copy, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	return "done";
}

static const char *
shut(const struct self *s)
{
	if (dup(s->member->visit.socket) < 0)
		return "EMFILE";
	shutdown(s->member->visit.socket, SHUT_WR);
	return "done";
}

/* What a worker is told by the link by which the client has come. */
static void
answer(const struct self *s, uint64_t serial, uint32_t how, const char *octets)
{
	struct {
		struct loan_answer_message message;
		char octets[200];
	} m = { .message = {
		    .serial = serial, .requests = UINT64_MAX, .answer = how } };
	const int link =
	    s->member->polled[MEMBER_POLLED + s->member->visit.link].fd;

	memcpy(m.octets, octets, strlen(octets));
	send(link, &m, sizeof(m.message) + strlen(octets),
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

static uint64_t
serial_of(const struct self *s)
{
	return s->member->visit.answer.serial;
}

/* The second time when it returns. */
static const char *
answer_twice(const struct self *s)
{
	answer(s, serial_of(s), LOAN_ENDED, "");
	rest_ms(20);
	return "done";
}

static const char *
answer_for_others(const struct self *s)
{
	int i;

	for (i = -5; i < 5; i++)
		answer(s, serial_of(s) + (uint64_t)i, LOAN_ENDED, "");
	return "done";
}

static const char *
answer_in_no_form(const struct self *s)
{
	const int link =
	    s->member->polled[MEMBER_POLLED + s->member->visit.link].fd;
	char octets[100] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(octets); i++)
		send(link, octets, i, MSG_DONTWAIT | MSG_NOSIGNAL);
	answer(s, serial_of(s), 4711, "");
	shutdown(link, SHUT_RDWR);
	return "done";
}

static const char *
answer_with_request(const struct self *s)
{
	answer(s, serial_of(s), LOAN_GOES_ON,
	    "GET /pool/pid HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET /hostile?do=answer_with_request HTTP/1.1\r\nHost: a\r\n\r\n");
	return "done";
}

static const char *
answer_for_ever(const struct self *s)
{
	const int64_t until_ms = clock_ms() + 1000;

	while (clock_ms() < until_ms)
		answer(s, serial_of(s), LOAN_RESTS, "");
	return "done";
}

/* It is told to end, and does not. */
static const char *
stay(const struct self *s)
{
	signal(SIGTERM, SIG_IGN);
	answer(s, serial_of(s), LOAN_ENDED, "");
	while (clock_ms() > 0)
		rest_ms(1000);
	return "lives";
}

static const char *
attack(const struct self *s, const char *name)
{
	static const struct {
		const char *name;
		const char *(*attack)(const struct self *self);
	} attacks[] = {
		{ "announce_never", announce_never },
		{ "announce_others", announce_others },
		{ "give_for_other", give_for_other },
		{ "flood_porter", flood_porter },
		{ "flood_wakes", flood_wakes },
		{ "fill_wake", fill_wake },
		{ "claim_idle", claim_idle },
		{ "claim_busy", claim_busy },
		{ "end_with_next", end_with_next },
		{ "end_without", end_without },
		{ "claim_put", claim_put },
		{ "fill_ledger", fill_ledger },
		{ "poison", poison },
		{ "shut", shut },
		{ "stay", stay },
		{ "answer_twice", answer_twice },
		{ "answer_for_others", answer_for_others },
		{ "answer_in_no_form", answer_in_no_form },
		{ "answer_with_request", answer_with_request },
		{ "answer_for_ever", answer_for_ever },
	};
	size_t i;

	if (strcmp(name, "give_nowhere") == 0)
		return give_to(s, 77, 99999);
	if (strcmp(name, "give_to_none") == 0)
		return give_to(s, ROUTE_POOL, 99999);
	if (strcmp(name, "give_to_other") == 0)
		return give_to(s, ROUTE_POOL, 1);
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (strcmp(name, attacks[i].name) == 0)
			return attacks[i].attack(s);
	return "no such deed";
}

static int
handle(struct prong_request *r, PRONG_UNUSED const void *config)
{
	const struct self self = self_of(r);
	const char *name = prong_query(r, "do");

	prong_printf(r, "%s", name ? attack(&self, name) : "nothing");
	return PRONG_DONE;
}

PRONG_HANDLER(.name = "hostile_reuse",
    .summary = "attacks from within a member of a pool", .handle = handle,
    .methods = PRONG_GET | PRONG_POST, .promises = PRONG_REUSES_PROCESS);
