/*
 * A handler that promises to share a process, and attacks by what the process of a
 * shared worker has: its ledger, the socket of its place, and what wakes the
 * generation. /hostile?do=NAME.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ledgers_internal.h"
#include "config/route.h"
#include "generation/porter_messages.h"
#include "message/channel.h"
#include "message/request.h"
#include "worker/internal.h"

#define LONG_MS	  6000
#define MUCH_TIME 3600

static struct client *
client_of(struct prong_request *r)
{
	const struct request *request = (struct request *)(void *)r;

	return (struct client *)(void *)request->channel->io.wait;
}

static const struct worker_facts *
facts_of(struct prong_request *r)
{
	return &client_of(r)->worker->facts;
}

static struct ledger_view *
ledger_of(const struct worker_facts *facts)
{
	return &facts->ledgers->own[facts->number];
}

static void
rest_ms(int ms)
{
	poll(NULL, 0, ms);
}

static bool
is_taken(int wake)
{
	uint64_t count;
	const struct iovec iov = { &count, sizeof(count) };

	return preadv2(wake, &iov, 1, -1, RWF_NOWAIT) > 0;
}

/* Wakes the generation, takes that away before it is read, and then all that others
 * write. */
static const char *
steal_wakes(const struct worker_facts *facts)
{
	const int64_t until_ms = clock_ms() + LONG_MS;
	const uint64_t one = 1;
	unsigned tries = 0;
	volatile unsigned i;
	int64_t next_ms;

	if (fcntl(facts->wake, F_SETFL,
		fcntl(facts->wake, F_GETFL) & ~O_NONBLOCK) < 0)
		return "EPERM";
	while (clock_ms() < until_ms) {
		if (write(facts->wake, &one, sizeof(one)) < 0)
			continue;
		for (i = 0; i < tries % 100 * 200; i++)
			continue;
		is_taken(facts->wake);
		tries++;
		next_ms = clock_ms() + (tries < 1000 ? 1 : LONG_MS);
		while (clock_ms() < next_ms)
			is_taken(facts->wake);
	}
	return "done";
}

static void
fill(int socket)
{
	static const char octets[65536];

	while (send(socket, octets, sizeof(octets), MSG_DONTWAIT) > 0)
		continue;
}

/* Looks at what lies in the socket of its place, without taking it. */
static int
peek(int porter, uint64_t *number)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct porter_message message;
	struct iovec iov = { &message, sizeof(message) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(porter, &msg, MSG_PEEK | MSG_DONTWAIT) < 0 ||
	    !CMSG_FIRSTHDR(&msg))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	*number = message.number;
	return fd;
}

/* Whoever closes what lies in the socket waits for that client. */
static const char *
leave_lingering(const struct worker_facts *facts)
{
	const struct linger linger = { 1, MUCH_TIME };
	const int64_t until_ms = clock_ms() + LONG_MS;
	uint64_t number;
	int fd;

	while ((fd = peek(facts->porter, &number)) < 0)
		if (clock_ms() > until_ms)
			return "nothing has come";
		else
			rest_ms(5);
	fill(fd);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	{
		const struct porter_message have = { .number = number,
			.order = PORTER_HAVE };

		send(facts->porter, &have, sizeof(have), 0);
	}
	rest_ms(200);
	kill(getpid(), SIGKILL);
	return "lives";
}

static void
announce(const struct worker_facts *facts, uint64_t sequence,
    enum route_place place)
{
	struct ledger_head *head = ledger_of(facts)->head;
	const uint64_t put = head->put_parcels;
	struct ledger_parcel *parcel = &head->parcels[put % LEDGERS_PARCELS];

	memset(parcel, 0, sizeof(*parcel));
	parcel->sequence = sequence;
	parcel->place = (uint32_t)place;
	parcel->began_ms = clock_ms();
	parcel->peer.length = sizeof(struct sockaddr_in);
	parcel->peer.storage.ss_family = AF_INET;
	__atomic_store_n(&head->put_parcels, put + 1, __ATOMIC_RELEASE);
}

static void
wake(const struct worker_facts *facts)
{
	const uint64_t one = 1;

	if (write(facts->wake, &one, sizeof(one)) < 0)
		return;
}

/* Connections for others that were never sent. */
static const char *
announce_passes(const struct worker_facts *facts)
{
	unsigned i;

	for (i = 1; i <= 200; i++) {
		announce(facts, 1000 + i, ROUTE_WORKER);
		if (i % 32 == 0) {
			wake(facts);
			rest_ms(50);
		}
	}
	wake(facts);
	return "done";
}

/* What it has given away last, once more. */
static const char *
announce_again(struct prong_request *r, const struct worker_facts *facts)
{
	announce(facts, client_of(r)->worker->sequence, ROUTE_OWN);
	wake(facts);
	rest_ms(500);
	return "done";
}

/* The generation forks for each. */
static const char *
announce_floods(const struct worker_facts *facts)
{
	const struct ledger_head *head = ledger_of(facts)->head;
	const int64_t until_ms = clock_ms() + LONG_MS / 2;
	uint64_t i = 1;

	while (clock_ms() < until_ms) {
		if (head->put_parcels - head->taken_parcels < LEDGERS_PARCELS)
			announce(facts, 1000 + i++, ROUTE_OWN);
		else
			rest_ms(1);
		if (i % 32 == 0)
			wake(facts);
	}
	return "done";
}

static const char *
claim_put(const struct worker_facts *facts)
{
	struct ledger_head *head = ledger_of(facts)->head;

	memset(head->parcels, 0xff, sizeof(head->parcels));
	head->put_parcels = UINT64_MAX / 2;
	wake(facts);
	rest_ms(2000);
	return "done";
}

/* All of the ledger is full of ones. */
static const char *
fill_ledger(const struct worker_facts *facts)
{
	const struct ledgers *l = facts->ledgers;

	memset(l->memory.own + facts->number * l->whole, 0xff, l->whole);
	wake(facts);
	rest_ms(500);
	kill(getpid(), SIGKILL);
	return "lives";
}

/* Each request of theirs is to have a line in the access log. */
static const char *
fill_rows(const struct worker_facts *facts)
{
	struct ledger_view *view = ledger_of(facts);
	size_t i;

	view->head->used_rows = facts->ledgers->connections;
	for (i = 0; i < facts->ledgers->connections; i++) {
		struct ledger_row *row = &view->rows[i];

		row->state = 3;
		row->is_unrecorded = 1;
		strcpy(row->client, "192.0.2.1:7");
		memset(row->request, 'x', sizeof(row->request));
	}
	kill(getpid(), SIGKILL);
	return "lives";
}

/* Each connection that ends here leaves a descriptor with the porter. */
static const char *
leave_endings(struct prong_request *r, const struct worker_facts *facts)
{
	struct client *c = client_of(r);
	const struct porter_message take = { .number = c->passed,
		.order = PORTER_TAKE };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)&take, sizeof(take) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &c->socket, sizeof(int));
	if (sendmsg(facts->porter, &msg, 0) < 0)
		return "EPERM";
	/* The connection will end under another number. */
	c->passed = 77;
	return "done";
}

static int
handle(struct prong_request *r, PRONG_UNUSED const void *config)
{
	const struct worker_facts *facts = facts_of(r);
	const char *name = prong_query(r, "do"), *result = "no such deed";

	if (!name)
		result = "nothing";
	else if (strcmp(name, "steal_wakes") == 0)
		result = steal_wakes(facts);
	else if (strcmp(name, "leave_lingering") == 0)
		result = leave_lingering(facts);
	else if (strcmp(name, "announce_passes") == 0)
		result = announce_passes(facts);
	else if (strcmp(name, "announce_again") == 0)
		result = announce_again(r, facts);
	else if (strcmp(name, "announce_floods") == 0)
		result = announce_floods(facts);
	else if (strcmp(name, "claim_put") == 0)
		result = claim_put(facts);
	else if (strcmp(name, "fill_ledger") == 0)
		result = fill_ledger(facts);
	else if (strcmp(name, "fill_rows") == 0)
		result = fill_rows(facts);
	else if (strcmp(name, "leave_endings") == 0)
		result = leave_endings(r, facts);
	prong_printf(r, "%s", result);
	return PRONG_DONE;
}

PRONG_HANDLER(.name = "hostile_share",
    .summary = "attacks from within a shared worker", .handle = handle,
    .methods = PRONG_GET | PRONG_POST, .promises = PRONG_SHARES_PROCESS);
