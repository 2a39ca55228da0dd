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
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/scoreboard.h"
#include "connection/connection.h"
#include "connection/handoff.h"
#include "connection/internal.h"
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

/* "ADDRESS [PATH]": hands its client off as another one, in all that it has of its
 * client, with a request for that path, or with one that crashes. */
static const char *
pass_on_as(struct prong_request *r, const char *argument)
{
	char address[64], path[64] = "/hostile?do=null", text[256];
	struct channel *channel = channel_of(r);
	const struct connection *connection = (void *)((char *)channel -
	    offsetof(struct connection, channel));
	struct sockaddr_in *in = (void *)&channel->facts.client.storage;
	struct handoff *handoff = connection->arguments->handoff;

	sscanf(argument, "%63s %63s", address, path);
	snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
	in->sin_family = AF_INET;
	inet_pton(AF_INET, address, &in->sin_addr);
	memcpy(handoff->octets, text, strlen(text));
	handoff->length = strlen(text);
	handoff->is_left = 1;
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
