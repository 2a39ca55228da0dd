/*
 * Routes a request and calls handlers for it. See dispatch.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/dispatch.h"

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
#include "connection/chain.h"
#include "connection/conclusion.h"
#include "connection/confinement.h"
#include "connection/crash_handler.h"
#include "connection/handler_state.h"
#include "connection/penalty.h"
#include "connection/renewal.h"
#include "http/methods.h"
#include "message/channel.h"
#include "message/request.h"
#include "sandbox/quota.h"

/* Octets a second that a slow client must take once send_timeout is used up. */
#define MIN_SEND_RATE 256

/* Within which a folder that was made is served: folders.c looks every 3 s. */
#define MISSING_RETRY_S "10"

/* For a process of a route that has some, all of which are busy. */
#define BUSY_RETRY_S "1"

static void
begin_pace(struct request *request)
{
	sender_set_pace(&request->sender,
	    request_limits(request)->send_timeout_ms, MIN_SEND_RATE);
}

void
dispatch_refusal(struct request *request, int status, const char *reason)
{
	conclusion_log_refusal(request, status, reason);
	begin_pace(request);
	request->is_refused = true;
	sender_close_after(&request->sender);
	conclusion_by_page(request, status);
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
	conclusion_log_refusal(request, 503, "its requests crash the handler");
	response_add_own_field(&request->response, "Retry-After", seconds);
	response_set_page_with(&request->response, 503, advice);
	conclusion_as_it_is(request);
}

static void
respond_to_options(struct request *request, uint64_t methods)
{
	char allow[METHODS_TEXT_BYTES];

	response_set_status(&request->response, 204);
	response_add_own_field(&request->response, "Allow",
	    methods_format(methods, allow));
	conclusion_as_it_is(request);
}

/* For a method that no handler of the route has taken. The method of a 405 is
 * not among those allowed: a handler may take it, but not for this path. */
static void
respond_not_taken(struct request *request, uint64_t methods, uint64_t bit)
{
	char allow[METHODS_TEXT_BYTES];

	if (bit == PRONG_OPTIONS) {
		respond_to_options(request, methods);
		return;
	}
	response_add_own_field(&request->response, "Allow",
	    methods_format(methods_without(methods, bit), allow));
	conclusion_by_page(request, 405);
}

static bool
lacks_folder(const struct route *route)
{
	size_t i;

	for (i = 0; i < route->handler_count; i++)
		if (route->handlers[i].missing)
			return true;
	return false;
}

/* For OPTIONS *: no route, but the server as a whole is asked for, as load
 * balancers do. */
static void
respond_for_server(struct request *request)
{
	struct prong_server_stats stats;

	if (scoreboard_server_stats(&stats) == 0 && stats.is_leaving)
		conclusion_by_page(request, 503);
	else
		respond_to_options(request, PRONG_ANY_METHOD);
}

static void
begin_limits(struct request *request, struct last_words *words)
{
	const struct limits *limits = &request->route->limits;

	if (!netio_limit(&request->channel->io, limits))
		quota_begin(&words->quota, limits, request->channel->page);
}

static void
end_limits(struct request *request, struct last_words *words)
{
	if (words->quota.limits)
		quota_end(&words->quota);
	else
		request->exceeded = netio_lift(&request->channel->io);
}

/* Returns the handler's result. PRONG_DECLINED: call the next handler. */
static int
call_handler(struct request *request, const struct handler *handler,
    struct last_words *words)
{
	struct scoreboard_page *page = request->channel->page;
	int result = 500;

	request->handler = handler;
	strncpy(page->handler, handler->name, sizeof(page->handler) - 1);
	page->handler_index = (uint32_t)handler->index + 1;
	handler_stderr_open();
	crash_handler_begin(words, request->route->path, handler->name);
	begin_limits(request, words);
	if (handler_state_prepare(request->channel->configuration, handler) ==
	    0)
		result = handler->plugin->handle(&request->public,
		    handler->config);
	end_limits(request, words);
	crash_handler_end(words);
	log_debug("%s of %s returned %d", handler->name, request->route->path,
	    result);
	return result;
}

/* Those that wait for a process of the route are as many as may be, or have waited
 * for as long. The generation logs it. */
static void
respond_to_too_many(struct request *request)
{
	if (request->channel->tally)
		request->channel->tally->refusals[REFUSAL_POOL]++;
	response_add_own_field(&request->response, "Retry-After", BUSY_RETRY_S);
	conclusion_by_page(request, 503);
}

/* Whether the handlers may be called in this process. */
static bool
obey(struct request *request, const struct confinement *confinement,
    enum confinement_verdict verdict)
{
	switch (verdict) {
	case CONFINEMENT_HOLDS:
		return true;
	case CONFINEMENT_DIFFERS:
		request->moves_on = true;
		return false;
	case CONFINEMENT_BUSY:
		respond_to_too_many(request);
		return false;
	case CONFINEMENT_STALE:
	case CONFINEMENT_FAILED:
	default:
		if (verdict == CONFINEMENT_STALE)
			renewal_execute(confinement->arguments,
			    request->channel, request->head, request->route);
		sender_close_after(&request->sender);
		conclusion_by_page(request, 500);
		return false;
	}
}

static bool
enter_sandbox(struct request *request, struct confinement *confinement)
{
	return obey(request, confinement,
	    confinement_enter(confinement, request->channel, request->route));
}

/* Whether the request would wait here for anything but its client. */
static bool
has_to_move(const struct request *request, int result)
{
	return request->sender.would_wait ||
	    (result == PRONG_MOVE && request_may_move(request));
}

static void
call_handlers(struct request *request, uint64_t bit, struct last_words *words)
{
	const struct route *route = request->route;
	struct response *response = &request->response;
	uint64_t methods = chain_methods(route);
	bool skipped = false;

	for (size_t i = 0; i < route->handler_count; i++) {
		const struct handler *handler = &route->handlers[i];
		int result;

		if (!chain_calls(handler, bit)) {
			skipped = true;
			continue;
		}
		result = call_handler(request, handler, words);
		if (has_to_move(request, result)) {
			request->moves_on = true;
			return;
		}
		if (request->exceeded) {
			conclusion_by_limit(request);
			return;
		}
		if (request->body.failure != 0 || request->body.client_gone) {
			conclusion_by_body(request);
			return;
		}
		if (result != PRONG_DECLINED) {
			conclusion_by_handler(request, result);
			return;
		}
		if (response->is_begun) {
			conclusion_by_misuse(request,
			    "declined in the midst of its "
			    "answer");
			return;
		}
		response_reset(response);
	}
	request->handler = NULL;
	if (skipped || !methods_contain(methods, bit))
		respond_not_taken(request, methods, bit);
	else
		conclusion_by_page(request, 404);
}

/* Soon after the folder is there the generation is replaced (folders.h). */
static void
respond_without_folder(struct request *request)
{
	response_add_own_field(&request->response, "Retry-After",
	    MISSING_RETRY_S);
	conclusion_by_page(request, 503);
}

static void
respond_by_route(struct request *request, struct confinement *confinement,
    struct last_words *words)
{
	struct slice method = request->head->method;
	uint64_t methods = chain_methods(request->route);
	uint64_t bit = methods_bit(method);
	int64_t left_ms;

	if (bit == 0 && (methods & PRONG_ANY_METHOD) == 0) {
		conclusion_by_page(request, 501);
	} else if (!chain_calls_any(request->route, bit)) {
		respond_not_taken(request, methods, bit);
	} else if (!body_limit(&request->body, request_limits(request))) {
		conclusion_by_body(request);
	} else if (lacks_folder(request->route)) {
		respond_without_folder(request);
	} else if ((left_ms = penalty_of_route_ms(request->channel->penalties,
			request->channel->key, request->route)) > 0) {
		respond_to_punished(request, left_ms);
	} else if (enter_sandbox(request, confinement)) {
		if (!confinement_is_shared(confinement) &&
		    !request->channel->is_reused &&
		    quota_is_spent(&request->route->limits))
			sender_close_after(&request->sender);
		call_handlers(request, bit, words);
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
static const struct site *
find_site(struct request *request)
{
	const struct site *site =
	    route_find_site(request->channel->configuration,
		request->target.has_host ? request->target.host.name :
					   request->head->host_parts.name);

	if (site)
		response_set_policy(&request->response, &site->policy);
	return site;
}

static void
find_route(struct request *request)
{
	const struct site *site = find_site(request);

	if (!site)
		return;
	request->route = route_find_in(site, request->path,
	    request->path_length);
	if (request->route && request->channel->status_alone &&
	    !shows_status(request->route))
		request->route = NULL;
	if (request->route)
		response_set_policy(&request->response,
		    &request->route->policy);
}

/* Responds to a target that nothing can have, or that no request may have. */
static void
refuse_target(struct request *request, int status, const char *reason)
{
	if (status != 404) {
		dispatch_refusal(request, status, reason);
		return;
	}
	find_site(request);
	conclusion_log_refusal(request, status, reason);
	conclusion_by_page(request, status);
}

void
dispatch_request(struct request *request, struct confinement *confinement,
    struct last_words *words)
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
		refuse_target(request, status, reason);
		return;
	}
	if (request->target.https && !request->channel->facts.secure) {
		/* RFC 9110 7.4: as no trusted proxy says that it was secured. */
		conclusion_log_refusal(request, 421,
		    "an https URI was sent without TLS");
		conclusion_by_page(request, 421);
		return;
	}
	if (request->target.form == URI_ASTERISK) {
		respond_for_server(request);
		return;
	}
	find_route(request);
	status = request_settle_path(request, &reason);
	if (status != 0) {
		dispatch_refusal(request, status, reason);
		return;
	}
	begin_pace(request);
	if (!policy_allows(request->response.policy,
		&request->channel->facts.client)) {
		conclusion_log_refusal(request, 403,
		    "the client's address is not "
		    "allowed");
		conclusion_by_page(request, 403);
	} else if (!request->route) {
		conclusion_by_page(request, 404);
	} else if (obey(request, confinement,
		       confinement_look(confinement, request->route))) {
		respond_by_route(request, confinement, words);
	}
}
