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
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/place.h"
#include "config/route.h"
#include "connection/handler_api.h"
#include "connection/handoff.h"
#include "connection/unread.h"
#include "message/wait_poll.h"
#include "sandbox/sandbox.h"

/* Limits for a client that still sends when the connection closes. */
#define LINGER_MS	 2000
#define LINGER_MAX_BYTES (32 * 1024 * 1024)

size_t
connection_handoff_octets(const struct configuration *configuration)
{
	return INPUT_SIZE(configuration->limits.max_head_bytes);
}

/* The octets that the previous process has read come first, or this one before it
 * was executed afresh. */
static int
take_unread(struct connection *connection)
{
	struct channel *channel = &connection->channel;
	struct input *input = &channel->input;
	const struct slice unread = connection->arguments->unread;
	ssize_t n;

	if (unread.len > 0 && unread.len <= input->size) {
		memcpy(input->data, unread.data, unread.len);
		input->end = unread.len;
	}
	if (!connection->arguments->goes_on)
		return 0;
	n = handoff_take(connection->arguments->handoff, input->size,
	    input->data, &channel->facts.requests);
	if (n < 0) {
		log_error("cannot take the octets of the handoff: %s",
		    strerror(errno));
		return -1;
	}
	input->end = (size_t)n;
	return 0;
}

/* The scoreboard shows the client, and ps(1) that of a process that has one; a
 * worker knows its number. */
static void
show_process(struct scoreboard_page *page, const char *client, bool is_alone)
{
	scoreboard_name_client(page, client);
	if (is_alone) {
		title_set(client);
		page->pid = (uint64_t)getpid();
	}
	page->since = (int64_t)time(NULL);
	page->since_ms = clock_ms();
}

static void
open_channel(struct channel *channel, struct scoreboard_page *page,
    const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	channel->configuration = configuration;
	channel->page = page;
	channel->tally = arguments->tally;
	channel->facts = arguments->facts;
	channel->status_alone = arguments->status_alone;
	channel->is_shared = arguments->give && !arguments->own_route;
	channel->is_reused = arguments->give && arguments->own_route;
	channel->penalties = arguments->penalties;
	channel->key = arguments->key;
	address_format_client(&channel->facts.client, channel->client);
	netio_init(&channel->io, arguments->in, arguments->out, channel->page,
	    arguments->wait ? arguments->wait : wait_poll());
	channel->io.holder = arguments->generation;
	channel->io.out_is_shared = arguments->out_is_shared;
}

static void
open_words(struct connection *connection)
{
	struct last_words *words = &connection->words;

	words->job.client = connection->channel.client;
	words->job.page = connection->channel.page;
	words->tally = connection->channel.tally;
	words->out = connection->channel.io.out;
	words->sender = &connection->request.sender;
	words->record = connection_record_last;
	words->show = connection_show_last;
	words->identify = connection_identify_last;
	words->id_field = connection->channel.configuration->request_id_field;
	crash_handler_take(words);
}

void
connection_open(struct connection *connection, struct scoreboard_page *page,
    const struct connection_arguments *arguments,
    const struct configuration *configuration)
{
	memset(connection, 0, sizeof(*connection));
	connection->arguments = arguments;
	connection->limits = arguments->limits ? arguments->limits :
						 &configuration->limits;
	connection->confinement.sandbox = arguments->sandbox;
	connection->confinement.statement = arguments->statement;
	connection->confinement.arguments = arguments;
	connection->confinement.is_refused = arguments->is_refused;
	open_channel(&connection->channel, page, arguments, configuration);
	open_words(connection);
	if (arguments->page)
		show_process(arguments->page, connection->channel.client,
		    !confinement_is_shared(&connection->confinement));
}

static void
show_request(const struct request *request, int64_t now)
{
	struct scoreboard_page *page = request->channel->page;

	page->requests++;
	page->request_since = now;
	page->turn_ms = page->request_since_ms = request->started_us / 1000;
	page->is_unrecorded = 1;
	page->id[0] = '\0';
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
	connection_record(connection);
}

static int
leave(struct connection *connection, const struct iovec unread[UNREAD_PIECES])
{
	const struct route *route = connection->request.route;
	const struct connection_arguments *arguments = connection->arguments;
	const struct channel *channel = &connection->channel;
	/* A request that belongs here has to wait. */
	const bool is_own = route->place == ROUTE_OWN ||
	    confinement_look(&connection->confinement, route) ==
		CONFINEMENT_HOLDS;

	if (arguments->give)
		return arguments->give(arguments, channel,
		    is_own ? NULL : route, unread, UNREAD_PIECES);
	confinement_leave(&connection->confinement, channel);
	arguments->handoff->pool = place_has_ceiling(route) ? route->pool + 1 :
							      0;
	return handoff_leave(arguments->handoff, channel->input.size, unread,
	    UNREAD_PIECES, channel->facts.requests);
}

/* Hands the connection off, with the request. */
static int
hand_off(struct connection *connection)
{
	const struct connection_arguments *arguments = connection->arguments;
	struct channel *channel = &connection->channel;
	struct iovec unread[UNREAD_PIECES];

	channel->page->requests--;
	channel->page->is_unrecorded = 0;
	if ((arguments->handoff || arguments->give) &&
	    unread_pieces(channel, &connection->head, unread) &&
	    leave(connection, unread) == 0) {
		log_debug("descriptor %d is handed off", arguments->in);
		return 0;
	}
	log_error("%s: cannot go on in another process: %s", channel->client,
	    arguments->handoff || arguments->give ?
		strerror(errno) :
		"nobody has kept its socket");
	return -1;
}

/* The step after a request. */
enum sequel {
	SEQUEL_REQUEST, /* the next request */
	SEQUEL_CLOSE,
	SEQUEL_PROCESS, /* the same request, in another process */
	SEQUEL_FAILED	/* that was not possible */
};

static enum sequel
respond(struct connection *connection)
{
	struct request *request = &connection->request;
	bool follows;

	begin_request(connection);
	dispatch_request(request, &connection->confinement, &connection->words);
	connection->confinement.is_refused = false;
	if (request->moves_on) {
		content_clear(&request->response.content);
		return SEQUEL_PROCESS;
	}
	connection_record(connection);
	content_clear(&request->response.content);
	follows = request->sender.persists && body_drain(&request->body);
	if (request->route)
		connection->limits = &request->route->limits;
	connection->channel.facts.requests++;
	return follows ? SEQUEL_REQUEST : SEQUEL_CLOSE;
}

/* A request that was to move lest others wait with it is better served here than not
 * at all. */
static enum sequel
move(struct connection *connection)
{
	struct channel *channel = &connection->channel;
	const struct route *route = connection->request.route;
	enum sequel sequel;

	if (hand_off(connection) == 0)
		return SEQUEL_PROCESS;
	if (!channel->is_shared ||
	    confinement_look(&connection->confinement, route) !=
		CONFINEMENT_HOLDS)
		return SEQUEL_FAILED;
	channel->is_shared = false;
	sequel = respond(connection);
	channel->is_shared = true;
	return sequel;
}

static enum sequel
serve(struct connection *connection)
{
	enum sequel sequel;

	input_keep_head(&connection->channel.input, connection->head.length);
	sequel = respond(connection);
	return sequel == SEQUEL_PROCESS ? move(connection) : sequel;
}

/* How the connection ended, by its last response. */
static enum connection_end
end_after(const struct connection *connection)
{
	const struct sender *sender = &connection->request.sender;
	const struct body *body = &connection->request.body;

	if (connection->request.exceeded)
		return CONNECTION_FAILED;
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
rest(const struct connection *connection)
{
	const struct connection_arguments *a = connection->arguments;
	const struct channel *channel = &connection->channel;

	if (!a->rest)
		return handoff_leave(a->handoff, 0, NULL, 0,
			   channel->facts.requests) == 0 ?
		    CONNECTION_RESTS :
		    CONNECTION_FAILED;
	*a->rest = (struct connection_rest){
		.facts = channel->facts,
		.key = channel->key,
		.limits = connection->limits,
		.until_ms = connection->idle_deadline_ms,
	};
	return CONNECTION_RESTS;
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
	case ARRIVAL_RESTS:
		return rest(connection);
	case ARRIVAL_ORPHANED:
	case ARRIVAL_COMPLETE:
	default:
		return CONNECTION_DONE;
	}
}

/* Nothing that handlers have started is left behind in a process, for one that could
 * have the socket would have power over those that serve it next. */
static void
allow_parking(struct connection *connection)
{
	const struct connection_arguments *a = connection->arguments;
	const struct confinement *c = &connection->confinement;

	if (a->park_after_ms > 0 && c->route && c->sandbox &&
	    !sandbox_route_lets_fork(c->sandbox, c->route))
		connection->channel.io.wait->rest_after_ms = a->park_after_ms;
}

enum connection_end
connection_serve(struct connection *connection)
{
	enum arrival arrival;
	enum sequel sequel;

	if (take_unread(connection) < 0)
		return CONNECTION_FAILED;
	if (connection->arguments->by_proxy) {
		arrival = connection_meet_proxy(connection);
		if (arrival == ARRIVAL_SLOW) /* no response: see internal.h */
			arrival = ARRIVAL_IDLE;
		if (arrival != ARRIVAL_COMPLETE)
			return end_without_request(connection, arrival);
	}
	do {
		show_waiting(connection->channel.page);
		allow_parking(connection);
		arrival = connection_read_head(connection);
		if (arrival != ARRIVAL_COMPLETE)
			return end_without_request(connection, arrival);
		sequel = serve(connection);
		if (sequel == SEQUEL_PROCESS)
			return CONNECTION_HANDED_OFF;
		if (sequel == SEQUEL_FAILED)
			return CONNECTION_FAILED;
		if (sequel == SEQUEL_CLOSE)
			close_politely(connection);
		input_drop_head(&connection->channel.input);
		arena_reset(&connection->channel.arena);
	} while (sequel == SEQUEL_REQUEST);
	return end_after(connection);
}
