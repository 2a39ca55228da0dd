/*
 * Deeds that would bring a penalty on others, take one away, or keep a place at
 * the ceiling.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/scoreboard.h"
#include "connection/connection.h"
#include "message/channel.h"
#include "message/request.h"

#define TABLE_BYTES 4096

/* As in connection/penalty.c. */
struct tables {
	int64_t first_ms;
	char *own, *shown;
};

/* struct request begins with what handlers have of it. */
static struct channel *
channel_of(struct prong_request *r)
{
	return ((struct request *)(void *)r)->channel;
}

/* Ends by a signal that no code of prong's sees. */
static _Noreturn void
crash(void)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	_exit(1);
}

/* Crashes as the handler of that name. The field is filled to its end. */
static const char *
forge_handler(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = channel_of(r)->page;

	size_t length = strnlen(argument, sizeof(page->handler));

	memset(page->handler, 0, sizeof(page->handler));
	memcpy(page->handler, argument, length);
	crash();
	return NULL;
}

/* Crashes as another client, in all that this process has of its client. */
static const char *
forge_client(struct prong_request *r, const char *argument)
{
	struct channel *channel = channel_of(r);
	struct sockaddr_in *in = (void *)&channel->facts.client.storage;

	strncpy(channel->page->client, argument,
	    sizeof(channel->page->client) - 1);
	strncpy(channel->client, argument, sizeof(channel->client) - 1);
	inet_pton(AF_INET, argument, &in->sin_addr);
	memcpy(channel->key.bytes + 1, &in->sin_addr, 4);
	crash();
	return NULL;
}

static int
handoff_socket(void)
{
	struct sockaddr address;
	socklen_t size;
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		size = sizeof(address);
		if (getsockname(fd, &address, &size) == 0 &&
		    address.sa_family == AF_UNIX)
			return fd;
	}
	return -1;
}

/* Hands its client off as another one, with a request that crashes. */
static const char *
pass_on_as(struct prong_request *r, const char *argument)
{
	static const char text[] = "GET /hostile?do=null HTTP/1.1\r\n"
				   "Host: x\r\n\r\n";
	struct channel *channel = channel_of(r);
	struct connection_facts facts = channel->facts;
	struct sockaddr_in *in = (void *)&facts.client.storage;
	int fds[2] = { channel->io.in, memfd_create("unread", 0) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(fds))];
	} control = { .space = { 0 } };
	uint64_t requests = 1;
	struct iovec iov = { &requests, sizeof(requests) };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	in->sin_family = AF_INET;
	inet_pton(AF_INET, argument, &in->sin_addr);
	if (write(fds[1], text, sizeof(text) - 1) < 0)
		return outcome(-1, NULL);
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	if (sendmsg(handoff_socket(), &message, MSG_NOSIGNAL) < 0 ||
	    send(handoff_socket(), &facts, sizeof(facts), MSG_NOSIGNAL) < 0)
		return outcome(-1, NULL);
	_exit(CONNECTION_HANDED_OFF);
}

/* The table of penalties, which it has for reading. */
static const char *
open_penalties(struct prong_request *r, const char *argument)
{
	struct tables *tables = (void *)(uintptr_t)channel_of(r)->penalties;

	(void)argument;
	if (!tables)
		return "no table";
	return outcome(mprotect(tables->shown, TABLE_BYTES,
			   PROT_READ | PROT_WRITE),
	    "opened");
}

static UNCHECKED const char *
write_penalties(struct prong_request *r, const char *argument)
{
	struct tables *tables = (void *)(uintptr_t)channel_of(r)->penalties;
	volatile char *table;

	if (!tables)
		return "no table";
	table = argument[0] == 'o' ? tables->own : tables->shown;
	table[0] = 1;
	return "written";
}

/* Memory of its own in the place of the table lifts the penalties for this
 * process, which is broken already, and for no other. */
static const char *
replace_penalties(struct prong_request *r, const char *argument)
{
	(void)argument;
	channel_of(r)->penalties = NULL;
	return "replaced";
}

/* Stays for ever, in that state and with a new request now and then, as its page
 * says. It hears no signal. */
static const char *
claim(struct prong_request *r, const char *argument)
{
	const struct timespec pause = { 0, 20000000 };
	struct scoreboard_page *page = channel_of(r)->page;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		page->state = (uint32_t)atoi(argument);
		page->turn_ms = INT64_MAX;
		page->requests++;
		page->bytes_sent += 1000000;
		nanosleep(&pause, NULL);
	}
	return NULL;
}

const struct deed penalty_deeds[] = { { "forge_handler", forge_handler },
	{ "forge_client", forge_client }, { "pass_on_as", pass_on_as },
	{ "open_penalties", open_penalties },
	{ "write_penalties", write_penalties },
	{ "replace_penalties", replace_penalties }, { "claim", claim },
	{ NULL, NULL } };
