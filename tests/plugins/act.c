/*
 * A handler that does what the request tells it, step by step, so that a test
 * is a line of a table. The steps stand in a parameter of the query, divided
 * by "|"; tests/server/Prong/Act.pm lists them. Without the parameter it
 * declines. What a step returned, if not 0, is told by the step "results".
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct act {
	const char *parameter;
};

static const struct prong_option options[] = {
	PRONG_STRING(struct act, parameter, "do", "where the steps stand"),
	PRONG_END,
};

struct play {
	struct prong_request *r;
	char results[1024];
	int result; /* of handle */
	int is_over;
};

static void
note_result(struct play *play, const char *step, int64_t result)
{
	size_t length = strlen(play->results);

	if (result != 0)
		snprintf(play->results + length, sizeof(play->results) - length,
		    "%s=%" PRId64 " ", step, result);
}

/* Divides "Name: value". */
static int
set_field(struct prong_request *r, char *text, int add)
{
	char *value = strstr(text, ": ");

	if (!value)
		return prong_field(r, text, NULL);
	*value = '\0';
	return add ? prong_field_add(r, text, value + 2) :
		     prong_field(r, text, value + 2);
}

static void
put_line(char out[11], uint64_t number)
{
	for (int i = 8; i >= 0; i--, number /= 10)
		out[i] = (char)('0' + number % 10);
	out[9] = '\n';
	out[10] = '\0';
}

/* Octets that tell where they stand: lines of ten, counting. */
static int
fill(struct prong_request *r, uint64_t octets)
{
	char line[11];

	for (uint64_t at = 0; at < octets; at += 10) {
		uint64_t n = octets - at < 10 ? octets - at : 10;

		put_line(line, at / 10);
		if (prong_write(r, line, n) < 0)
			return -1;
	}
	return 0;
}

/* The same in one write. */
static int
block(struct prong_request *r, uint64_t octets)
{
	char *memory = malloc(octets + 16);
	int result = -1;

	for (uint64_t at = 0; memory && at < octets; at += 10)
		put_line(memory + at, at / 10);
	if (memory)
		result = prong_write(r, memory, octets);
	free(memory);
	return result;
}

/* "PATH OFFSET LENGTH" */
static int
send_file(struct prong_request *r, const char *text)
{
	char path[256];
	uint64_t offset, length;

	if (sscanf(text, "%255s %" SCNu64 " %" SCNu64, path, &offset,
		&length) != 3)
		return -2;
	return prong_file(r, prong_open(r, path, O_RDONLY), offset, length);
}

static int64_t
read_all(struct prong_request *r, uint64_t step, int echo)
{
	char buffer[65536];
	int64_t n, total = 0;

	while ((n = prong_read(r, buffer, step)) > 0) {
		total += n;
		if (echo && prong_write(r, buffer, (uint64_t)n) < 0)
			return -1;
	}
	return n < 0 ? n : total;
}

static int64_t
take(struct prong_request *r, uint64_t size)
{
	char buffer[65536];

	return prong_read(r, buffer,
	    size < sizeof(buffer) ? size : sizeof(buffer));
}

static const char *
or_none(const char *text)
{
	return text ? text : "(none)";
}

static void
tell_endpoint(struct prong_request *r, const char *host, const int32_t *port)
{
	prong_printf(r, "[%s]:%d", host, (int)*port);
}

static void
tell(struct play *play, char *what)
{
	struct prong_request *r = play->r;
	int *calls = prong_state(r);
	int32_t port = 0;
	char *argument = strchr(what, ' ');

	if (argument)
		*argument++ = '\0';
	if (strcmp(what, "path") == 0)
		prong_printf(r, "[%s]", prong_path(r));
	else if (strcmp(what, "target") == 0)
		prong_printf(r, "[%s]", prong_target(r));
	else if (strcmp(what, "path_info") == 0)
		prong_printf(r, "[%s]", prong_path_info(r));
	else if (strcmp(what, "route") == 0)
		prong_printf(r, "[%s]", prong_route(r));
	else if (strcmp(what, "method") == 0)
		prong_printf(r, "[%s]", prong_method(r));
	else if (strcmp(what, "protocol") == 0)
		prong_printf(r, "[%s]", prong_protocol(r));
	else if (strcmp(what, "scheme") == 0)
		prong_printf(r, "[%s]", prong_scheme(r));
	else if (strcmp(what, "host") == 0)
		prong_printf(r, "[%s]", prong_host(r));
	else if (strcmp(what, "query_string") == 0)
		prong_printf(r, "[%s]", or_none(prong_query_string(r)));
	else if (strcmp(what, "query") == 0)
		prong_printf(r, "[%s]", or_none(prong_query(r, argument)));
	else if (strcmp(what, "field") == 0)
		prong_printf(r, "[%s]",
		    or_none(prong_request_field(r, argument)));
	else if (strcmp(what, "client") == 0)
		prong_printf(r, "[%s]", prong_client(r, &port));
	else if (strcmp(what, "client_port") == 0)
		tell_endpoint(r, prong_client(r, &port), &port);
	else if (strcmp(what, "server_port") == 0)
		tell_endpoint(r, prong_server(r, &port), &port);
	else if (strcmp(what, "id") == 0)
		prong_printf(r, "[%s]", prong_request_id(r));
	else if (strcmp(what, "note") == 0)
		prong_printf(r, "[%s]", or_none(prong_note(r, argument)));
	else if (strcmp(what, "body_length") == 0)
		prong_printf(r, "[%" PRId64 "]", prong_body_length(r));
	else if (strcmp(what, "calls") == 0)
		prong_printf(r, "[%d]", calls ? ++*calls : -1);
	else
		prong_printf(r, "(cannot tell %s)", what);
}

static void
set_note(struct prong_request *r, char *text)
{
	char *value = strchr(text, '=');

	if (value)
		*value++ = '\0';
	prong_set_note(r, text, value);
}

static void
end(struct play *play, int result)
{
	play->result = result;
	play->is_over = 1;
}

static int64_t
do_answer(struct play *play, const char *step, char *argument)
{
	struct prong_request *r = play->r;

	if (strcmp(step, "status") == 0)
		prong_status(r, atoi(argument));
	else if (strcmp(step, "field") == 0)
		return set_field(r, argument, 0);
	else if (strcmp(step, "add") == 0)
		return set_field(r, argument, 1);
	else if (strcmp(step, "etag") == 0)
		prong_etag(r, argument, 0);
	else if (strcmp(step, "weak") == 0)
		prong_etag(r, argument, 1);
	else if (strcmp(step, "modified") == 0)
		prong_last_modified(r, atoll(argument));
	else if (strcmp(step, "length") == 0)
		prong_length(r, strtoull(argument, NULL, 10));
	else if (strcmp(step, "print") == 0)
		return prong_print(r, argument);
	else if (strcmp(step, "printf") == 0)
		return prong_printf(r, "%*s", atoi(argument), "x");
	else if (strcmp(step, "fill") == 0)
		return fill(r, strtoull(argument, NULL, 10));
	else if (strcmp(step, "block") == 0)
		return block(r, strtoull(argument, NULL, 10));
	else if (strcmp(step, "file") == 0)
		return send_file(r, argument);
	else if (strcmp(step, "flush") == 0)
		return prong_flush(r);
	else
		return -99;
	return 0;
}

static int64_t
do_step(struct play *play, const char *step, char *argument)
{
	struct prong_request *r = play->r;
	int64_t n;

	if (strcmp(step, "results") == 0)
		prong_printf(r, "{%s}", play->results);
	else if (strcmp(step, "read") == 0)
		return read_all(r, strtoull(argument, NULL, 10), 0);
	else if (strcmp(step, "take") == 0)
		return take(r, strtoull(argument, NULL, 10));
	else if (strcmp(step, "echo") == 0)
		return (n = read_all(r, strtoull(argument, NULL, 10), 1)) < 0 ?
		    n :
		    0;
	else if (strcmp(step, "tell") == 0)
		tell(play, argument);
	else if (strcmp(step, "note") == 0)
		set_note(r, argument);
	else if (strcmp(step, "log") == 0)
		prong_log(r, PRONG_LOG_INFO, "%s", argument);
	else if (strcmp(step, "log_results") == 0)
		prong_log(r, PRONG_LOG_INFO, "results: %s", play->results);
	else if (strcmp(step, "sleep") == 0)
		usleep((useconds_t)atoi(argument) * 1000);
	else if (strcmp(step, "truncate") == 0)
		return truncate(argument, 0);
	else if (strcmp(step, "return") == 0)
		end(play, atoi(argument));
	else if (strcmp(step, "decline") == 0)
		end(play, PRONG_DECLINED);
	else
		return do_answer(play, step, argument);
	return 0;
}

static int
handle(struct prong_request *r, const void *config)
{
	const struct act *act = config;
	const char *text = prong_query(r, act->parameter);
	struct play play = { .r = r, .result = PRONG_DONE };
	char *steps, *step, *rest;

	if (!text)
		return PRONG_DECLINED;
	steps = prong_alloc(r, strlen(text) + 1);
	if (!steps)
		return 500;
	strcpy(steps, text);
	for (step = strtok_r(steps, "|", &rest); step && !play.is_over;
	     step = strtok_r(NULL, "|", &rest)) {
		char *argument = strchr(step, ' ');
		static char nothing[1];

		if (argument)
			*argument++ = '\0';
		note_result(&play, step,
		    do_step(&play, step, argument ? argument : nothing));
	}
	return play.result;
}

static int
child(struct prong_child *c, const void *config)
{
	const struct act *act = config;

	prong_child_log(c, PRONG_LOG_INFO, "child of %s", act->parameter);
	return strcmp(act->parameter, "broken") == 0 ? -1 : 0;
}

PRONG_HANDLER(.name = "act", .summary = "does what it is told",
    .options = options, .config_size = sizeof(struct act),
    .state_size = sizeof(int), .methods = PRONG_GET | PRONG_POST | PRONG_PUT,
    .child = child, .handle = handle);
