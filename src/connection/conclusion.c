/*
 * How requests are concluded. See conclusion.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/conclusion.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <prong/handler.h>

#include "base/log.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "base/tally.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/chain.h"
#include "connection/complaint.h"
#include "connection/handler_log.h"
#include "http/errorpage.h"
#include "http/methods.h"
#include "http/status.h"
#include "message/channel.h"
#include "message/request.h"
#include "message/request_id.h"

void
conclusion_log_refusal(const struct request *request, int status,
    const char *reason)
{
	char line[256], id[REQUEST_ID_BYTES];

	log_info("%s: %d, %s, id %s (\"%s\")", request->channel->client, status,
	    reason, request_id_write(request->channel, request->head, id),
	    request_line(request, line, sizeof(line)));
}

/* Logs why a response is incomplete; at debug if the client is the cause. */
static void
log_incomplete(const struct request *request)
{
	const struct sender *sender = &request->sender;
	const char *route = request->route ? request->route->path : "-";
	char id[REQUEST_ID_BYTES] = "";

	if (sender->file_error != 0)
		request_id_write(request->channel, request->head, id);
	if (sender->file_error == ENODATA)
		log_error("route %s: a file shrank while it was sent to %s: "
			  "the connection is cut; request %s",
		    route, request->channel->client, id);
	else if (sender->file_error != 0)
		log_error("route %s: cannot send a file to %s: %s%s: the "
			  "connection is cut; request %s",
		    route, request->channel->client,
		    strerror(sender->file_error),
		    refused_hint(sender->file_error), id);
	else if (sender->error == 0 && request->handler)
		handler_log_misuse(request,
		    "answered with less than the length it "
		    "promised: the connection is cut");
	else if (request->handler &&
	    (sender->error == EBADF || sender->error == ENOTSOCK))
		handler_log_misuse(request,
		    "closed descriptors that are not its own, also that of "
		    "the client: there is no response");
	else
		log_debug("%s: the response could not be sent: %s",
		    request->channel->client, strerror(sender->error));
}

void
conclusion_as_it_is(struct request *request)
{
	struct sender *sender = &request->sender;

	request->channel->page->state = SCOREBOARD_SENDING;
	if (sender_finish(sender) < 0) {
		request->moves_on = sender->would_wait;
		if (!request->moves_on)
			log_incomplete(request);
	}
	if (sender->is_overlong && request->handler)
		handler_log_misuse(request,
		    "wrote more than the length it promised: "
		    "the rest was dropped");
}

void
conclusion_by_page(struct request *request, int status)
{
	response_set_page(&request->response, status);
	conclusion_as_it_is(request);
}

void
conclusion_by_misuse(struct request *request, const char *what)
{
	handler_log_misuse(request, what);
	if (request->response.is_begun)
		sender_cut(&request->sender);
	else
		conclusion_by_page(request, 500);
}

void
conclusion_by_body(struct request *request)
{
	const struct body *body = &request->body;

	conclusion_log_refusal(request, body->failure, body->reason);
	request->is_refused = body->failure == 400;
	sender_close_after(&request->sender);
	if (request->response.is_begun || body->client_gone)
		sender_cut(&request->sender);
	else
		conclusion_by_page(request, body->failure);
}

/* There was no memory for the content of a handler, as beyond max_memory. There
 * still is some for a page. */
static void
respond_without_memory(struct request *request)
{
	handler_log_misuse(request, "was left without memory for its answer");
	sender_forget_error(&request->sender);
	sender_close_after(&request->sender);
	response_reset(&request->response);
	conclusion_by_page(request, 503);
}

/* As the crash handler does it. */
void
conclusion_by_limit(struct request *request)
{
	char line[256], id[REQUEST_ID_BYTES];

	log_error("handler %s of route %s took more than %s; request \"%s\" of "
		  "%s, id %s",
	    request->handler->name, request->route->path, request->exceeded,
	    request_line(request, line, sizeof(line)), request->channel->client,
	    request_id_write(request->channel, request->head, id));
	tally_note_limit(request->channel->tally, request->handler->name);
	sender_close_after(&request->sender);
	if (request->response.is_begun) {
		sender_cut(&request->sender);
		return;
	}
	sender_forget_error(&request->sender);
	response_reset(&request->response);
	response_set_page_with(&request->response, 503, ERRORPAGE_TOO_LONG);
	conclusion_as_it_is(request);
}

/* RFC 9110 9.3.7: a success says which methods there are. */
static void
complete_options(struct request *request, int status)
{
	struct response *response = &request->response;
	char allow[METHODS_TEXT_BYTES];

	if (slice_is(request->head->method, "OPTIONS") && status < 300 &&
	    !response->is_begun && !response_field(response, "Allow"))
		response_add_own_field(response, "Allow",
		    methods_format(chain_methods(request->route), allow));
}

static void
conclusion_by_no_status(struct request *request, int result)
{
	char what[128];

	if (result == PRONG_MOVE) {
		conclusion_by_misuse(request,
		    "returned PRONG_MOVE where prong_may_move is 0");
		return;
	}
	snprintf(what, sizeof(what),
	    "returned %d, a status that is none; possible: 200 to 599, "
	    "PRONG_DONE, PRONG_DECLINED",
	    result);
	conclusion_by_misuse(request, what);
}

void
conclusion_by_handler(struct request *request, int result)
{
	struct response *response = &request->response;
	int status = result == PRONG_DONE ? response->status : result;

	complete_options(request, status);
	complaint_check(request, status);
	if (request->sender.error == ENOMEM && !response->is_begun) {
		respond_without_memory(request);
		return;
	}
	if (!response->is_begun && body_is_faulty(&request->body)) {
		conclusion_by_body(request);
		return;
	}
	if (result == PRONG_DONE && response_is_empty(response)) {
		conclusion_by_misuse(request,
		    "returned without having answered");
	} else if (result == PRONG_DONE) {
		conclusion_as_it_is(request);
	} else if (result < 200 || result > 599) {
		conclusion_by_no_status(request, result);
	} else if (response->is_begun) {
		if (result >= 400)
			conclusion_by_misuse(request,
			    "failed in the midst of its "
			    "answer");
		else
			conclusion_as_it_is(request);
	} else if (status_wants_page(result)) {
		conclusion_by_page(request, result);
	} else {
		response_set_status(response, result);
		conclusion_as_it_is(request);
	}
}
