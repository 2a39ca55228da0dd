/*
 * From a request to its answer. See dispatch.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/dispatch.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "base/scoreboard.h"
#include "config/handler.h"
#include "config/route.h"
#include "config/site.h"
#include "connection/connection.h"
#include "connection/crash_handler.h"
#include "connection/handler_state.h"
#include "http/methods.h"
#include "http/status.h"
#include "message/netio.h"
#include "message/request.h"
#include "message/sender.h"
#include "sandbox/quota.h"
#include "sandbox/sandbox.h"

/* A client that reads slowly must at least keep up that many octets a second,
 * once send_timeout is used up. */
#define MIN_SEND_RATE 256

static void
log_fault(const struct request *request, const char *what)
{
	log_error("handler %s of route %s %s", request->handler->name,
	    request->route->path, what);
}

static void
log_refusal(const struct request *request, int status, const char *reason)
{
	char line[256];

	log_info("%s: %d, %s (\"%s\")", request->client, status, reason,
	    request_line(request, line, sizeof(line)));
}

static void
begin_pace(struct request *request)
{
	pace_begin(&request->response.pace,
	    request_limits(request)->send_timeout_ms, MIN_SEND_RATE);
}

/* Why an answer was not sent in full, unless it is the client's affair. */
static void
log_shortfall(const struct request *request)
{
	const struct response *response = &request->response;

	if (response->file_error != 0)
		log_error("route %s: a file %s while it was sent to %s: the "
			  "connection is cut",
		    request->route ? request->route->path : "-",
		    response->file_error == ENODATA ?
			"shrank" :
			strerror(response->file_error),
		    request->client);
	else if (response->error == 0 && request->handler)
		log_fault(request,
		    "answered with less than the length it "
		    "promised: the connection is cut");
	else
		log_debug("%s: the answer could not be sent: %s",
		    request->client, strerror(response->error));
}

static void
finish(struct request *request)
{
	struct response *response = &request->response;

	request->page->state = SCOREBOARD_SENDING;
	if (sender_finish(response) < 0)
		log_shortfall(request);
	if (response->is_overlong && request->handler)
		log_fault(request,
		    "wrote more than the length it promised: "
		    "the rest was dropped");
}

static void
answer_page(struct request *request, int status)
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
	request->response.may_persist = false;
	answer_page(request, status);
}

static void
answer_options(struct request *request, uint64_t methods)
{
	char allow[METHODS_TEXT_BYTES];

	request->response.status = 204;
	response_add_own_field(&request->response, "Allow",
	    methods_format(methods, allow));
	finish(request);
}

static void
answer_not_allowed(struct request *request, uint64_t methods)
{
	char allow[METHODS_TEXT_BYTES];

	response_add_own_field(&request->response, "Allow",
	    methods_format(methods, allow));
	answer_page(request, 405);
}

/* What is under way already can only be cut short. */
static void
cut(struct request *request)
{
	request->response.is_cut = true;
	request->response.persists = false;
}

static void
fail_handler(struct request *request, const char *what)
{
	log_fault(request, what);
	if (request->response.is_begun)
		cut(request);
	else
		answer_page(request, 500);
}

/* The handler's word on a body that could not be had does not count. */
static void
fail_body(struct request *request)
{
	const struct body *body = &request->body;

	log_refusal(request, body->failure, body->reason);
	request->is_refused = body->failure == 400;
	request->response.may_persist = false;
	if (request->response.is_begun || body->client_gone)
		cut(request);
	else
		answer_page(request, body->failure);
}

/* What the handler wrote found no memory, as beyond max_memory. There is still
 * some for a page. */
static void
answer_no_memory(struct request *request)
{
	log_fault(request, "was left without memory for its answer");
	request->response.error = 0;
	request->response.may_persist = false;
	response_reset(&request->response);
	answer_page(request, 503);
}

static void
conclude(struct request *request, int result)
{
	struct response *response = &request->response;

	if (response->error == ENOMEM && !response->is_begun) {
		answer_no_memory(request);
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
		answer_page(request, result);
	} else {
		response->status = result;
		response->has_status = true;
		finish(request);
	}
}

static void
begin_crash_handler(const struct request *request,
    const struct handler *handler)
{
	const struct crash_handler_request words = {
		.out = request->io->out,
		.response = &request->response,
		.page = request->page,
		.client = request->client,
		.route = request->route->path,
		.handler = handler->name,
	};

	crash_handler_begin(&words);
}

/* Returns what the handler did, PRONG_DECLINED when the next is to be asked. */
static int
ask(struct request *request, const struct handler *handler)
{
	struct scoreboard_page *page = request->page;
	int result = 500;

	request->handler = handler;
	strncpy(page->handler, handler->name, sizeof(page->handler) - 1);
	begin_crash_handler(request, handler);
	quota_begin(&request->route->limits, page);
	if (handler_state_prepare(request->configuration, handler) == 0)
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

/*
 * The first request decides whose rules this process keeps to. Returns whether
 * the handlers may be asked here.
 */
static bool
enter_sandbox(struct request *request)
{
	const struct sandbox *sandbox = request->door->sandbox;

	if (!sandbox)
		return true;
	if (request->sandboxed) {
		request->moves_on = !sandbox_same_rules(request->sandboxed,
		    request->route);
		return !request->moves_on;
	}
	if (sandbox_enter(sandbox, request->route) < 0) {
		request->response.may_persist = false;
		answer_page(request, 500);
		return false;
	}
	request->sandboxed = request->route;
	return true;
}

static void
ask_chain(struct request *request, uint64_t bit)
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
		result = ask(request, handler);
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
		answer_not_allowed(request, methods_of(route));
	else
		answer_page(request, 404);
}

static void
answer_route(struct request *request)
{
	struct slice method = request->head.method;
	uint64_t methods = methods_of(request->route);
	uint64_t bit = methods_bit(method);

	if (bit == 0 && (methods & PRONG_ANY_METHOD) == 0) {
		answer_page(request, 501);
	} else if (bit == PRONG_OPTIONS && !methods_contain(methods, bit)) {
		answer_options(request, methods);
	} else if (bit != 0 && !methods_contain(methods, bit)) {
		answer_not_allowed(request, methods);
	} else if (!body_limit(&request->body, request_limits(request))) {
		fail_body(request);
	} else if (enter_sandbox(request)) {
		ask_chain(request, bit);
	}
}

/* Where there is no route, what the site says holds all the same. */
static void
find_route(struct request *request)
{
	const struct site *site = route_find_site(request->configuration,
	    request->target.has_host ? request->target.host.name :
				       request->head.host_parts.name);

	if (!site)
		return;
	request->response.policy = &site->policy;
	request->route = route_find_in(site, request->path,
	    request->path_length);
	if (request->route)
		request->response.policy = &request->route->policy;
}

void
dispatch_request(struct request *request)
{
	struct slice method = request->head.method;
	const char *reason;
	int status;

	begin_pace(request);
	if (slice_is(method, "CONNECT") || slice_is(method, "TRACE")) {
		dispatch_refusal(request, 501,
		    "nothing here takes that method");
		return;
	}
	status = request_parse_target(request, &reason);
	if (status != 0) {
		dispatch_refusal(request, status, reason);
		return;
	}
	if (request->target.form == URI_ASTERISK) {
		answer_options(request, PRONG_ANY_METHOD);
		return;
	}
	find_route(request);
	begin_pace(request);
	if (!policy_allows(request->response.policy, &request->door->client)) {
		log_refusal(request, 403,
		    "the client's address is not "
		    "allowed");
		answer_page(request, 403);
	} else if (!request->route) {
		answer_page(request, 404);
	} else {
		answer_route(request);
	}
}
