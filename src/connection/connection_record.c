/*
 * The record of a connection's requests: a line of the access log for each, and
 * the counters of the scoreboard.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "accesslog/accesslog.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/logline.h"
#include "base/scoreboard.h"
#include "base/tally.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/internal.h"
#include "http/methods.h"
#include "message/request_id.h"

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

static struct tally_cell *
cell_of(const struct request *request)
{
	struct tally *tally = request->channel->tally;
	const struct handler *handler = request->handler;
	const size_t index = handler ? handler->index : TALLY_NONE;

	if (index < TALLY_HANDLERS && tally->cell_of[index] != 0)
		return &tally
			    ->cells[(tally->cell_of[index] - 1u) % TALLY_CELLS];
	return tally_claim(tally, index, handler ? handler->name : "",
	    handler && request->channel->configuration->route_metrics ?
		handler->route->path :
		"");
}

/* An id of the greatest length lacks its NUL. */
static void
note_exemplar(struct connection *connection, struct tally_cell *cell)
{
	char id[REQUEST_ID_BYTES] = "";

	request_id_write(&connection->channel, connection->request.head, id);
	memcpy(cell->slow.id, id, sizeof(cell->slow.id));
}

/* status 0: no response was begun. */
static void
count(struct connection *connection, int status, int64_t us)
{
	const struct request *request = &connection->request;
	struct tally_cell *cell;

	if (!connection->channel.tally)
		return;
	cell = cell_of(request);
	if (!cell)
		return;
	tally_count(connection->channel.tally, cell, status,
	    methods_place(request->head->method), (uint64_t)us);
	if (tally_is_exemplary(cell, (uint64_t)us,
		request->channel->page->request_since))
		note_exemplar(connection, cell);
}

static void
log_access(struct connection *connection, int status, uint64_t bytes,
    int64_t us)
{
	struct request *request = &connection->request;
	struct accesslog_entry entry = { .client = name_client(connection),
		.user = request_note(request, "user"),
		.host = request_host(request),
		.route = request->route ? request->route->path : NULL,
		.handler = request->handler ? request->handler->name : NULL,
		.time = request->channel->page->request_since,
		.duration_us = us,
		.status = status,
		.bytes = bytes,
		.target = request->target_text,
		.head = request->head,
		.response = &request->response,
		.request = request };

	if (accesslog_write(connection->arguments->access_log,
		connection->channel.configuration->access_log_format,
		&entry) < 0)
		count_dropped(connection, errno);
}

/* bytes: of the content that was sent. */
static void
record(struct connection *connection, int status, bool is_begun, uint64_t bytes)
{
	const int64_t us = clock_us() - connection->request.started_us;

	if (!connection->request.is_uncounted) {
		if (is_begun)
			connection->channel.page->responses[status / 100]++;
		count(connection, is_begun ? status : 0, us);
	}
	if (connection->arguments->access_log != -1)
		log_access(connection, status, bytes, us);
	connection->channel.page->is_unrecorded = 0;
}

/* What a handler has kept from the client by closing the socket is no success. */
static int
status_of(const struct request *request)
{
	if (!request->response.is_begun)
		return STATUS_CLIENT_GONE;
	return sender_was_closed(&request->sender) ? 500 :
						     request->response.status;
}

void
connection_record(struct connection *connection)
{
	const struct request *request = &connection->request;

	record(connection, status_of(request), request->response.is_begun,
	    sender_sent(&request->sender));
}

static struct connection *
connection_of(struct last_words *words)
{
	return (struct connection *)(void *)((char *)words -
	    offsetof(struct connection, words));
}

void
connection_record_last(struct last_words *words, int status, uint64_t bytes)
{
	struct connection *connection = connection_of(words);

	record(connection, status, true, bytes);
	connection_show_last(words);
}

void
connection_identify_last(struct last_words *words, char *id)
{
	struct connection *connection = connection_of(words);

	request_id_write(&connection->channel, connection->request.head, id);
	strcpy(connection->channel.page->id, id);
}

void
connection_show_last(struct last_words *words)
{
	netio_show(&connection_of(words)->channel.io);
}
