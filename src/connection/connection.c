/*
 * A connection reads its requests one after the other, responds to each and
 * logs it, and ends. See connection.h.
 *
 *	[proxy's header]
 *	   ▼
 *	waiting ──an octet──▶ reading ──head complete──▶ handling, sending
 *	   ▲  │                  │                              │
 *	   │  └─ idle, orphaned, │ slow: 408, wrong: 4xx        │
 *	   │     client ended    ▼                              │
 *	   │          └────▶ closing ◀──── close, cut ──────────┤
 *	   └───────────────────── persists ─────────────────────┘
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/internal.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "accesslog/accesslog.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/logline.h"
#include "base/scoreboard.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/handler_api.h"
#include "connection/handoff.h"

/* Limits for a client that still sends when the connection closes. */
#define LINGER_MS	 2000
#define LINGER_MAX_BYTES (32 * 1024 * 1024)

/* Sizes of static buffers, which settings rarely exceed. Zeroed memory costs
 * nothing until it is used; after a fork every page that is touched costs. */
#define USUAL_HEAD_BYTES (32 * 1024)
#define USUAL_FIELDS	 100
#define ARENA_BYTES	 (32 * 1024)

/* Counts for a connection without scoreboard; not read by other processes. */
static struct scoreboard_page private_page;

/* Allocates buffers only when a setting exceeds the static ones. */
static int
open_buffers(struct connection *connection, const struct limits *limits)
{
	static char usual_input[INPUT_SIZE(USUAL_HEAD_BYTES)];
	static struct http_field usual_fields[USUAL_FIELDS];
	static alignas(max_align_t) char arena_block[ARENA_BYTES];
	size_t size = INPUT_SIZE(limits->max_head_bytes);
	char *data = usual_input;

	if (size > sizeof(usual_input))
		data = malloc(size);
	connection->fields = usual_fields;
	if (limits->max_fields > USUAL_FIELDS)
		connection->fields = calloc(limits->max_fields,
		    sizeof(*connection->fields));
	if (!data || !connection->fields) {
		log_error("there is no memory for heads of %llu bytes and "
			  "%llu fields",
		    (unsigned long long)limits->max_head_bytes,
		    (unsigned long long)limits->max_fields);
		return -1;
	}
	input_init(&connection->channel.input, data, size);
	arena_init(&connection->channel.arena, arena_block,
	    sizeof(arena_block));
	return 0;
}

/* The octets that the previous process has read come first. */
static int
take_unread(struct connection *connection)
{
	struct input *input = &connection->channel.input;
	ssize_t n;

	if (connection->arguments->unread < 0)
		return 0;
	n = handoff_read(connection->arguments->unread, input->data,
	    input->size);
	if (n < 0) {
		log_error("cannot read the octets of the handoff: %s",
		    strerror(errno));
		return -1;
	}
	input->end = (size_t)n;
	return 0;
}

/* The scoreboard and ps(1) show the client of this process. */
static void
show_process(struct scoreboard_page *page, const char *client)
{
	snprintf(page->client, sizeof(page->client), "%.63s", client);
	title_set(client);
	page->pid = (uint64_t)getpid();
	page->since = (int64_t)time(NULL);
}

static void
open_channel(struct channel *channel,
    const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	channel->configuration = configuration;
	channel->page = arguments->page ? arguments->page : &private_page;
	channel->facts = arguments->facts;
	channel->status_alone = arguments->status_alone;
	channel->penalties = arguments->penalties;
	channel->key = arguments->key;
	address_format_client(&channel->facts.client, channel->client);
	netio_init(&channel->io, arguments->in, arguments->out, arguments->tie,
	    channel->page);
}

static int
open_connection(struct connection *connection,
    const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	memset(connection, 0, sizeof(*connection));
	connection->arguments = arguments;
	connection->limits = &configuration->limits;
	connection->confinement.sandbox = arguments->sandbox;
	connection->confinement.statement = arguments->statement;
	open_channel(&connection->channel, arguments, configuration);
	if (arguments->page)
		show_process(arguments->page, connection->channel.client);
	if (open_buffers(connection, connection->limits) < 0)
		return -1;
	return take_unread(connection);
}

static void
show_request(const struct request *request, int64_t now)
{
	struct scoreboard_page *page = request->channel->page;

	page->requests++;
	page->request_since = now;
	page->turn_ms = request->started_us / 1000;
	request_line(request, page->request, sizeof(page->request));
	page->state = SCOREBOARD_HANDLING;
}

static void
show_waiting(struct scoreboard_page *page)
{
	page->state = SCOREBOARD_WAITING;
	page->request_since = 0;
	page->handler[0] = '\0';
}

/* nginx's status for a client that closed before the response began. */
#define STATUS_CLIENT_GONE 499

/* The generation logs dropped lines for all its connections together. */
static void
count_dropped(const struct connection *connection, int error)
{
	struct scoreboard_page *page = connection->channel.page;
	bool is_first = page->lines_dropped++ == 0;

	page->log_error = error;
	if (is_first && !connection->arguments->page)
		log_error("a line of the access log was dropped, and others "
			  "may be: %s",
		    logline_reason(error));
}

static const char *
name_client(struct connection *connection)
{
	const struct connection_arguments *arguments = connection->arguments;

	if (arguments->access_log == CONNECTION_LOG_CHANNEL &&
	    !arguments->names_client)
		return ACCESSLOG_CLIENT;
	if (connection->client_host[0] == '\0')
		address_format_host(&connection->channel.facts.client,
		    connection->client_host);
	return connection->client_host;
}

static void
log_access(struct connection *connection, int64_t now)
{
	struct request *request = &connection->request;
	const struct response *response = &request->response;
	struct accesslog_entry entry = { .client = name_client(connection),
		.user = request_note(request, "user"),
		.host = request_host(request),
		.route = request->route ? request->route->path : NULL,
		.handler = request->handler ? request->handler->name : NULL,
		.time = now,
		.duration_us = clock_us() - request->started_us,
		.status = response->is_begun ? response->status :
					       STATUS_CLIENT_GONE,
		.bytes = sender_sent(&request->sender),
		.head = request->head,
		.response = response };

	if (accesslog_write(connection->arguments->access_log,
		connection->channel.configuration->access_log_format,
		&entry) < 0)
		count_dropped(connection, errno);
}

static void
record(struct connection *connection)
{
	const struct request *request = &connection->request;
	const struct response *response = &request->response;
	struct scoreboard_page *page = request->channel->page;

	if (response->is_begun)
		page->responses[response->status / 100]++;
	if (connection->arguments->access_log != -1)
		log_access(connection, page->request_since);
}

/* Begins a request with any head, well-formed or not. */
static void
begin_request(struct connection *connection)
{
	struct request *request = &connection->request;
	struct channel *channel = &connection->channel;
	uint64_t max_requests = connection->limits->max_requests;

	request_begin(request, handler_api_table(), channel, &connection->head);
	if (max_requests > 0 && channel->facts.requests + 1 >= max_requests)
		sender_close_after(&request->sender);
	show_request(request, time(NULL));
}

/* Responds to a head that is incomplete or malformed. */
static void
refuse(struct connection *connection, int status, const char *reason)
{
	input_keep_head(&connection->channel.input, 0);
	begin_request(connection);
	dispatch_refusal(&connection->request, status, reason);
	record(connection);
}

/*
 * Hands the connection off, with the request as if no octet of it had been
 * used. request_begin has put NULs into the head, so it is written again;
 * without optional blanks the head is at most as long as before.
 */
static int
hand_off(struct connection *connection)
{
	const struct connection_arguments *arguments = connection->arguments;
	struct channel *channel = &connection->channel;
	const struct http_head *head = &connection->head;
	const struct input *input = &channel->input;
	char *text = arena_alloc(&channel->arena, head->length + 1);
	const struct iovec unread[2] = {
		{ text, text ? http_head_write(head, text) : 0 },
		{ input->data + input->start, input_pending(input) },
	};

	channel->page->requests--;
	/* A handler may have used up all descriptors, and the handoff needs
	 * one. This process does not need the tie any more. */
	if (arguments->tie >= 0)
		close(arguments->tie);
	if (!text ||
	    handoff_send(arguments->handoff, arguments->in, unread, 2,
		channel->facts.requests) < 0) {
		log_error("%s: cannot go on in another process: %s",
		    channel->client, strerror(errno));
		return -1;
	}
	log_debug("sendmsg(%d): descriptor %d handed off", arguments->handoff,
	    arguments->in);
	return 0;
}

/* The step after a request. */
enum sequel {
	SEQUEL_REQUEST, /* the next request */
	SEQUEL_CLOSE,
	SEQUEL_PROCESS /* the same request, in another process */
};

static enum sequel
serve(struct connection *connection)
{
	struct request *request = &connection->request;
	bool follows;

	input_keep_head(&connection->channel.input, connection->head.length);
	begin_request(connection);
	dispatch_request(request, &connection->confinement);
	if (request->moves_on)
		return SEQUEL_PROCESS;
	record(connection);
	content_clear(&request->response.content);
	follows = request->sender.persists && body_drain(&request->body);
	if (request->route)
		connection->limits = &request->route->limits;
	connection->channel.facts.requests++;
	return follows ? SEQUEL_REQUEST : SEQUEL_CLOSE;
}

/* How the connection ended, by its last response. */
static enum connection_end
end_after(const struct connection *connection)
{
	const struct sender *sender = &connection->request.sender;
	const struct body *body = &connection->request.body;

	if (sender->error == ETIMEDOUT || body->failure == 408)
		return CONNECTION_TIMED_OUT;
	if (sender->file_error != 0 || sender->error == ENOMEM)
		return CONNECTION_FAILED;
	if (sender->error != 0 || body->client_gone)
		return CONNECTION_CLIENT_GONE;
	if (sender->is_cut)
		return CONNECTION_FAILED;
	return connection->request.is_refused ? CONNECTION_REFUSED :
						CONNECTION_DONE;
}

/*
 * A client that still sends must be able to read its response. A client that
 * asked for the close and sent no more needs no wait. A client that does not
 * read is reset. So is a cut response that only the close ends: it must not
 * look complete.
 */
static void
close_politely(struct connection *connection)
{
	const struct request *request = &connection->request;
	const struct sender *sender = &request->sender;
	bool client_asked = !request->head->keep_alive &&
	    request->head->length > 0;

	request->channel->page->state = SCOREBOARD_CLOSING;
	if (sender->error == ETIMEDOUT ||
	    (sender->is_cut && sender->framing == FRAMING_CLOSE)) {
		descriptor_reset(connection->channel.io.out);
		return;
	}
	if (sender->error != 0 || request->body.client_gone)
		return;
	if (client_asked && request->body.is_at_end &&
	    input_pending(&connection->channel.input) == 0)
		return;
	netio_linger(&connection->channel.io, LINGER_MAX_BYTES,
	    clock_ms() + LINGER_MS);
}

static enum connection_end
end_without_request(struct connection *connection, enum arrival arrival)
{
	switch (arrival) {
	case ARRIVAL_REFUSED:
		refuse(connection, http_verdict_status(connection->verdict),
		    http_verdict_text(connection->verdict));
		close_politely(connection);
		return CONNECTION_REFUSED;
	case ARRIVAL_SLOW:
		refuse(connection, 408, "the head came too slowly");
		close_politely(connection);
		return CONNECTION_TIMED_OUT;
	case ARRIVAL_IDLE:
		return CONNECTION_TIMED_OUT;
	case ARRIVAL_FOREIGN:
		return CONNECTION_REFUSED;
	case ARRIVAL_GONE:
		return connection->channel.facts.requests > 0 ?
		    CONNECTION_DONE :
		    CONNECTION_CLIENT_GONE;
	case ARRIVAL_ORPHANED:
	case ARRIVAL_COMPLETE:
	default:
		return CONNECTION_DONE;
	}
}

/* Before any handler runs, so that none can change the facts. */
static bool
pass_facts(const struct connection *connection)
{
	const struct connection_arguments *arguments = connection->arguments;

	if (!arguments->names_client || arguments->handoff < 0 ||
	    handoff_send_facts(arguments->handoff,
		&connection->channel.facts) == 0)
		return true;
	log_error("%s: cannot keep the facts for a next process: %s",
	    connection->channel.client, strerror(errno));
	return false;
}

enum connection_end
connection_run(const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	static struct connection connection;
	enum arrival arrival;
	enum sequel sequel;

	if (open_connection(&connection, arguments, configuration) < 0)
		return CONNECTION_FAILED;
	if (arguments->by_proxy) {
		arrival = connection_meet_proxy(&connection);
		if (arrival == ARRIVAL_SLOW) /* no response: see internal.h */
			arrival = ARRIVAL_IDLE;
		if (arrival != ARRIVAL_COMPLETE)
			return end_without_request(&connection, arrival);
	}
	if (!pass_facts(&connection))
		return CONNECTION_FAILED;
	do {
		show_waiting(connection.channel.page);
		arrival = connection_read_head(&connection);
		if (arrival != ARRIVAL_COMPLETE)
			return end_without_request(&connection, arrival);
		sequel = serve(&connection);
		if (sequel == SEQUEL_PROCESS)
			return hand_off(&connection) == 0 ?
			    CONNECTION_HANDED_OFF :
			    CONNECTION_FAILED;
		if (sequel == SEQUEL_CLOSE)
			close_politely(&connection);
		input_drop_head(&connection.channel.input);
		arena_reset(&connection.channel.arena);
	} while (sequel == SEQUEL_REQUEST);
	return end_after(&connection);
}
