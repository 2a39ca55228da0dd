/*
 * Routes a request and calls handlers for it. See dispatch.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/dispatch.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/handler_stderr.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/handler.h"
#include "config/route.h"
#include "config/site.h"
#include "connection/confinement.h"
#include "connection/crash_handler.h"
#include "connection/handler_log.h"
#include "connection/handler_state.h"
#include "connection/penalty.h"
#include "http/methods.h"
#include "http/status.h"
#include "message/channel.h"
#include "message/request.h"
#include "sandbox/quota.h"

/* Octets a second that a slow client must take once send_timeout is used up. */
#define MIN_SEND_RATE 256

static void
log_refusal(const struct request *request, int status, const char *reason)
{
	char line[256];

	log_info("%s: %d, %s (\"%s\")", request->channel->client, status,
	    reason, request_line(request, line, sizeof(line)));
}

static void
begin_pace(struct request *request)
{
	sender_set_pace(&request->sender,
	    request_limits(request)->send_timeout_ms, MIN_SEND_RATE);
}

/* Logs why a response is incomplete; at debug if the client is the cause. */
static void
log_incomplete(const struct request *request)
{
	const struct sender *sender = &request->sender;

	if (sender->file_error != 0)
		log_error("route %s: a file %s while it was sent to %s: the "
			  "connection is cut",
		    request->route ? request->route->path : "-",
		    sender->file_error == ENODATA ?
			"shrank" :
			strerror(sender->file_error),
		    request->channel->client);
	else if (sender->error == 0 && request->handler)
		handler_log_misuse(request,
		    "answered with less than the length it "
		    "promised: the connection is cut");
	else
		log_debug("%s: the response could not be sent: %s",
		    request->channel->client, strerror(sender->error));
}

static void
finish(struct request *request)
{
	struct sender *sender = &request->sender;

	request->channel->page->state = SCOREBOARD_SENDING;
	if (sender_finish(sender) < 0)
		log_incomplete(request);
	if (sender->is_overlong && request->handler)
		handler_log_misuse(request,
		    "wrote more than the length it promised: "
		    "the rest was dropped");
}

static void
respond_with_page(struct request *request, int status)
{
	response_set_page(&request->response, status);
	finish(request);
}

void
dispatch_refusal(struct request *request, int status, const char *reason)
{
	log_refusal(request, status, reason);
	begin_pace(request);
	request->is_refused = true;
	sender_close_after(&request->sender);
	respond_with_page(request, status);
}

static void
respond_to_punished(struct request *request, int64_t left_ms)
{
	char seconds[32], advice[160];

	snprintf(seconds, sizeof(seconds), "%lld",
	    (long long)(left_ms + 999) / 1000);
	snprintf(advice, sizeof(advice),
	    "Requests from your address crash this handler. It is closed to "
	    "you for %s s.",
	    seconds);
	log_refusal(request, 503, "its requests crash the handler");
	response_add_own_field(&request->response, "Retry-After", seconds);
	response_set_page_with(&request->response, 503, advice);
	finish(request);
}

static void
respond_to_options(struct request *request, uint64_t methods)
{
	char allow[METHODS_TEXT_BYTES];

	response_set_status(&request->response, 204);
	response_add_own_field(&request->response, "Allow",
	    methods_format(methods, allow));
	finish(request);
}

static void
respond_not_allowed(struct request *request, uint64_t methods)
{
	char allow[METHODS_TEXT_BYTES];

	response_add_own_field(&request->response, "Allow",
	    methods_format(methods, allow));
	respond_with_page(request, 405);
}

static void
fail_handler(struct request *request, const char *what)
{
	handler_log_misuse(request, what);
	if (request->response.is_begun)
		sender_cut(&request->sender);
	else
		respond_with_page(request, 500);
}

/* The body could not be read. The result of the handler does not count. */
static void
fail_body(struct request *request)
{
	const struct body *body = &request->body;

	log_refusal(request, body->failure, body->reason);
	request->is_refused = body->failure == 400;
	sender_close_after(&request->sender);
	if (request->response.is_begun || body->client_gone)
		sender_cut(&request->sender);
	else
		respond_with_page(request, body->failure);
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
	respond_with_page(request, 503);
}

static void
conclude(struct request *request, int result)
{
	struct response *response = &request->response;

	if (request->sender.error == ENOMEM && !response->is_begun) {
		respond_without_memory(request);
		return;
	}
	if (result == PRONG_DONE && response_is_empty(response)) {
		fail_handler(request, "returned without having answered");
	} else if (result == PRONG_DONE) {
		finish(request);
	} else if (result < 200 || result > 599) {
		fail_handler(request, "returned a status that is none");
	} else if (response->is_begun) {
		if (result >= 400)
			fail_handler(request,
			    "failed in the midst of its "
			    "answer");
		else
			finish(request);
	} else if (status_wants_page(result)) {
		respond_with_page(request, result);
	} else {
		response_set_status(response, result);
		finish(request);
	}
}

static void
begin_crash_handler(const struct request *request,
    const struct handler *handler)
{
	const struct crash_handler_request current = {
		.out = request->channel->io.out,
		.sender = &request->sender,
		.page = request->channel->page,
		.client = request->channel->client,
		.route = request->route->path,
		.handler = handler->name,
	};

	crash_handler_begin(&current);
}

/* Returns the handler's result. PRONG_DECLINED: call the next handler. */
static int
call_handler(struct request *request, const struct handler *handler)
{
	struct scoreboard_page *page = request->channel->page;
	int result = 500;

	request->handler = handler;
	strncpy(page->handler, handler->name, sizeof(page->handler) - 1);
	handler_stderr_open();
	begin_crash_handler(request, handler);
	quota_begin(&request->route->limits, page);
	if (handler_state_prepare(request->channel->configuration, handler) ==
	    0)
		result = handler->plugin->handle(&request->public,
		    handler->config);
	quota_end(&request->route->limits, page);
	crash_handler_end();
	log_debug("%s of %s returned %d", handler->name, request->route->path,
	    result);
	return result;
}

static uint64_t
methods_of(const struct route *route)
{
	uint64_t methods = 0;

	for (size_t i = 0; i < route->handler_count; i++) {
		uint64_t more = route->handlers[i].plugin->methods;

		methods |= more != 0 ? more : PRONG_GET;
	}
	return methods;
}

/* Whether the handlers may be called in this process. */
static bool
enter_sandbox(struct request *request, struct confinement *confinement)
{
	switch (confinement_enter(confinement, request->channel,
	    request->route)) {
	case CONFINEMENT_HOLDS:
		return true;
	case CONFINEMENT_DIFFERS:
		request->moves_on = true;
		return false;
	case CONFINEMENT_FAILED:
	default:
		sender_close_after(&request->sender);
		respond_with_page(request, 500);
		return false;
	}
}

static void
call_handlers(struct request *request, uint64_t bit)
{
	const struct route *route = request->route;
	struct response *response = &request->response;
	bool skipped = false;

	for (size_t i = 0; i < route->handler_count; i++) {
		const struct handler *handler = &route->handlers[i];
		int result;

		if (!methods_contain(handler->plugin->methods, bit)) {
			skipped = true;
			continue;
		}
		result = call_handler(request, handler);
		if (request->body.failure != 0 || request->body.client_gone) {
			fail_body(request);
			return;
		}
		if (result != PRONG_DECLINED) {
			conclude(request, result);
			return;
		}
		if (response->is_begun) {
			fail_handler(request,
			    "declined in the midst of its "
			    "answer");
			return;
		}
		response_reset(response);
	}
	request->handler = NULL;
	if (skipped)
		respond_not_allowed(request, methods_of(route));
	else
		respond_with_page(request, 404);
}

static void
respond_by_route(struct request *request, struct confinement *confinement)
{
	struct slice method = request->head->method;
	uint64_t methods = methods_of(request->route);
	uint64_t bit = methods_bit(method);
	int64_t left_ms;

	if (bit == 0 && (methods & PRONG_ANY_METHOD) == 0) {
		respond_with_page(request, 501);
	} else if (bit == PRONG_OPTIONS && !methods_contain(methods, bit)) {
		respond_to_options(request, methods);
	} else if (bit != 0 && !methods_contain(methods, bit)) {
		respond_not_allowed(request, methods);
	} else if (!body_limit(&request->body, request_limits(request))) {
		fail_body(request);
	} else if ((left_ms = penalty_of_route_ms(request->channel->penalties,
			request->channel->key, request->route)) > 0) {
		respond_to_punished(request, left_ms);
	} else if (enter_sandbox(request, confinement)) {
		if (quota_is_spent(&request->route->limits))
			sender_close_after(&request->sender);
		call_handlers(request, bit);
	}
}

/* Whether a handler of the route is the one that shows the status. */
static bool
shows_status(const struct route *route)
{
	size_t i;

	for (i = 0; i < route->handler_count; i++)
		if (strcmp(route->handlers[i].name, "status") == 0)
			return true;
	return false;
}

/* The site's policy holds where there is no route. */
static void
find_route(struct request *request)
{
	const struct site *site =
	    route_find_site(request->channel->configuration,
		request->target.has_host ? request->target.host.name :
					   request->head->host_parts.name);

	if (!site)
		return;
	response_set_policy(&request->response, &site->policy);
	request->route = route_find_in(site, request->path,
	    request->path_length);
	if (request->route && request->channel->status_alone &&
	    !shows_status(request->route))
		request->route = NULL;
	if (request->route)
		response_set_policy(&request->response,
		    &request->route->policy);
}

void
dispatch_request(struct request *request, struct confinement *confinement)
{
	struct slice method = request->head->method;
	const char *reason;
	int status;

	begin_pace(request);
	if (slice_is(method, "CONNECT") || slice_is(method, "TRACE")) {
		dispatch_refusal(request, 501, "the method is not supported");
		return;
	}
	status = request_parse_target(request, &reason);
	if (status != 0) {
		dispatch_refusal(request, status, reason);
		return;
	}
	if (request->target.form == URI_ASTERISK) {
		respond_to_options(request, PRONG_ANY_METHOD);
		return;
	}
	find_route(request);
	begin_pace(request);
	if (!policy_allows(request->response.policy,
		&request->channel->facts.client)) {
		log_refusal(request, 403,
		    "the client's address is not "
		    "allowed");
		respond_with_page(request, 403);
	} else if (!request->route) {
		respond_with_page(request, 404);
	} else {
		respond_by_route(request, confinement);
	}
}
