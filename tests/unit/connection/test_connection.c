/*
 * Connections on the fibers of one process: each has memory, last words and limits
 * of time of its own. The clients are fibers, too.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/connection.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/clock.h"
#include "base/job.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/sources.h"
#include "fiber/loop.h"
#include "message/wait_fiber.h"
#include "plugin/option.h"
#include "plugin/plugin_start.h"

#define CLIENTS	     3
#define ANSWER_MAX   ((size_t)16 * 1024 * 1024)
#define BODY_LATE_MS 150

static const char text[] =
    "body_timeout = \"60 s\"; send_timeout = \"60 s\"; gone_grace = \"0 s\";"
    "sites = ( { routes = ("
    "  { path = \"/total\"; reader = { }; max_request_total = \"100 ms\"; },"
    "  { path = \"/work\"; worker = { }; max_request_time = \"20 ms\"; },"
    "  { path = \"/time\"; reader = { }; max_request_time = \"20 ms\"; },"
    "  { path = \"/talk\"; talker = { }; max_request_total = \"100 ms\"; },"
    "  { path = \"/\"; names = { }; } ); } );";

struct client {
	const char *request;
	const char *body; /* sent BODY_LATE_MS later; NULL: never */
	bool is_reading;
	int server, socket;
	struct wait_fiber wait;
	struct loop_watch watch;
	enum connection_end end;
	char *answer;
	size_t length;
	int64_t answered_ms; /* when it had all, by clock_ms */
};

static struct client clients[CLIENTS];
static struct configuration *configuration;
static struct loop *loop;

/* Handlers. */

static int
read_all(struct prong_request *request, const void *config)
{
	char buffer[100];

	(void)config;
	while (prong_read(request, buffer, sizeof(buffer)) > 0) {
	}
	prong_print(request, "read\n");
	return PRONG_DONE;
}

static int
work_first(struct prong_request *request, const void *config)
{
	int64_t until_ms = clock_ms() + 60;

	while (clock_ms() < until_ms) {
	}
	return read_all(request, config);
}

/* The client does not read. */
static int
talk(struct prong_request *request, const void *config)
{
	static const char octets[65536];

	(void)config;
	while (prong_write(request, octets, sizeof(octets)) == 0) {
	}
	return PRONG_DONE;
}

static int
name_itself(struct prong_request *request, const void *config)
{
	const struct job *job = job_in_handler();
	int32_t port;

	(void)config;
	ck_assert_ptr_nonnull(job);
	prong_printf(request, "%s at %s of %s\n", job->handler, job->route,
	    strncmp(job->client, prong_client(request, &port), 9) == 0 ?
		"its client" :
		"another");
	return PRONG_DONE;
}

static const struct prong_handler handlers[] = {
	{ PRONG_ABI_, .name = "reader", .handle = read_all,
	    .methods = PRONG_POST },
	{ PRONG_ABI_, .name = "worker", .handle = work_first,
	    .methods = PRONG_POST },
	{ PRONG_ABI_, .name = "talker", .handle = talk },
	{ PRONG_ABI_, .name = "names", .handle = name_itself },
};

static void
link_handler(struct handler *handler)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (strcmp(handlers[i].name, handler->name) == 0)
			handler->plugin = &handlers[i];
	ck_assert_ptr_nonnull(handler->plugin);
}

static void
configure(void)
{
	struct report report = { 0 };
	struct handler *handler;
	size_t cursor = 0;

	configuration = configuration_parse(sources_from_text("test", text,
						&report),
	    &report);
	ck_assert_ptr_nonnull(configuration);
	while ((handler = configuration_next_handler(configuration, &cursor)))
		link_handler(handler);
	ck_assert_int_eq(option_fill_all(configuration, NULL, &report), 0);
	ck_assert_int_eq(plugin_start_open(configuration, PLUGIN_SERVE,
			     &report),
	    0);
}

static void
setup(void)
{
	const struct loop_settings settings = {
		.stack_bytes = (size_t)128 * 1024,
		.max_fibers = 2 * CLIENTS,
		.max_steps = 50,
		.max_octets = (size_t)64 * 1024,
	};

	configure();
	loop = loop_new(&settings);
	ck_assert_ptr_nonnull(loop);
	memset(clients, 0, sizeof(clients));
}

static void
teardown(void)
{
	for (size_t i = 0; i < CLIENTS; i++)
		free(clients[i].answer);
	loop_free(loop);
	configuration_free(configuration);
}

static void
serve(void *argument)
{
	struct client *c = argument;
	struct connection_memory *memory = calloc(1, connection_memory_bytes());
	struct connection_arguments arguments = { .access_log = -1 };
	const char *why;

	ck_assert_ptr_nonnull(memory);
	ck_assert(address_parse_listen("192.0.2.1:1", &arguments.facts.client,
	    &why));
	ck_assert_int_eq(wait_fiber_open(&c->wait, loop, c->server), 0);
	arguments.in = arguments.out = c->server;
	arguments.wait = &c->wait.wait;
	c->end = connection_run_in(memory, &arguments, configuration);
	ck_assert_ptr_null(job_at_hand);
	wait_fiber_close(&c->wait);
	close(c->server);
	free(memory);
}

/* Whatever comes from the server meanwhile. */
static void
pause_until(struct client *c, int64_t at_ms)
{
	do
		loop_exhaust(&c->watch, EPOLLIN);
	while (loop_wait(&c->watch, EPOLLIN, at_ms) != LOOP_TIMED_OUT);
}

static void
send_text(struct client *c, const char *octets)
{
	ssize_t length = (ssize_t)strlen(octets);

	ck_assert_int_eq(send(c->socket, octets, (size_t)length, MSG_NOSIGNAL),
	    length);
}

/* Until the server closes. */
static void
receive(struct client *c)
{
	ssize_t n;

	for (;;) {
		n = recv(c->socket, c->answer + c->length,
		    ANSWER_MAX - 1 - c->length, MSG_DONTWAIT);
		if (n > 0) {
			c->length += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			loop_exhaust(&c->watch, EPOLLIN);
			loop_wait(&c->watch, EPOLLIN, INT64_MAX);
		} else {
			break;
		}
	}
	c->answer[c->length] = '\0';
	c->answered_ms = clock_ms();
}

static void
ask(void *argument)
{
	struct client *c = argument;

	ck_assert_int_eq(loop_watch(loop, &c->watch, c->socket, LOOP_CLIENT),
	    0);
	c->answer = malloc(ANSWER_MAX);
	ck_assert_ptr_nonnull(c->answer);
	send_text(c, c->request);
	/* The next receive tries before it waits. */
	if (c->body) {
		pause_until(c, clock_ms() + BODY_LATE_MS);
		send_text(c, c->body);
	}
	if (c->is_reading)
		receive(c);
	loop_unwatch(&c->watch);
}

static void
begin(struct client *c, const char *request)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	c->server = ends[0];
	c->socket = ends[1];
	c->request = request;
	c->is_reading = true;
	ck_assert_int_eq(loop_start(loop, serve, c), 0);
	ck_assert_int_eq(loop_start(loop, ask, c), 0);
}

static void
run(void)
{
	ck_assert_int_eq(loop_run(loop), 0);
}

static void
ck_assert_contains(const char *what, const char *part)
{
	if (!strstr(what, part))
		ck_abort_msg("\"%s\" is not in: %.300s", part, what);
}

static void
ck_assert_exceeded(const struct client *c, const char *setting)
{
	ck_assert_contains(c->answer, "HTTP/1.1 503 ");
	ck_assert_contains(c->answer, "Connection: close");
	ck_assert_contains(log_last_error(), setting);
	ck_assert_contains(log_last_error(), "of 192.0.2.1:1");
	ck_assert_int_eq((int)c->end, (int)CONNECTION_FAILED);
}

#define GET(path) \
	"GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define POST(path) \
	"POST " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" \
	"Content-Length: 4\r\n\r\n"

START_TEST(serves_clients_with_a_job_each)
{
	for (size_t i = 0; i < CLIENTS; i++)
		begin(&clients[i], GET("/"));
	run();
	for (size_t i = 0; i < CLIENTS; i++) {
		ck_assert_contains(clients[i].answer,
		    "names at / of its client\n");
		ck_assert_int_eq((int)clients[i].end, (int)CONNECTION_DONE);
	}
}
END_TEST

START_TEST(answers_503_when_a_wait_is_beyond_the_total)
{
	begin(&clients[0], POST("/total"));
	begin(&clients[1], GET("/"));
	run();
	ck_assert_exceeded(&clients[0],
	    "handler reader of route /total took more than "
	    "max_request_total; request \"POST /total HTTP/1.1\"");
	ck_assert_contains(clients[1].answer, "HTTP/1.1 200 ");
	ck_assert_int_lt(clients[1].answered_ms, clients[0].answered_ms);
}
END_TEST

START_TEST(cuts_a_response_that_has_begun)
{
	begin(&clients[0], GET("/talk"));
	clients[0].is_reading = false;
	run();
	receive(&clients[0]);
	ck_assert_contains(clients[0].answer, "HTTP/1.1 200 ");
	ck_assert_uint_gt(clients[0].length, 65536);
	ck_assert_ptr_null(memmem(clients[0].answer, clients[0].length,
	    "\r\n0\r\n", 5));
	ck_assert_contains(log_last_error(), "max_request_total");
}
END_TEST

START_TEST(answers_503_when_a_handler_has_worked_too_long)
{
	begin(&clients[0], POST("/work"));
	run();
	ck_assert_exceeded(&clients[0], "max_request_time");
}
END_TEST

/* What its client makes it wait is no time of the handler. */
START_TEST(counts_no_wait_for_the_client_as_work)
{
	begin(&clients[0], POST("/time"));
	clients[0].body = "body";
	run();
	ck_assert_contains(clients[0].answer, "HTTP/1.1 200 ");
}
END_TEST

START_TEST(has_its_limits_for_one_request_alone)
{
	begin(&clients[0],
	    "POST /total HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
	clients[0].body = GET("/");
	run();
	ck_assert_contains(clients[0].answer, "names at / of its client\n");
	ck_assert_ptr_null(strstr(clients[0].answer, " 503 "));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("connection");
	TCase *tcase = tcase_create("fiber");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, serves_clients_with_a_job_each);
	tcase_add_test(tcase, answers_503_when_a_wait_is_beyond_the_total);
	tcase_add_test(tcase, cuts_a_response_that_has_begun);
	tcase_add_test(tcase, answers_503_when_a_handler_has_worked_too_long);
	tcase_add_test(tcase, counts_no_wait_for_the_client_as_work);
	tcase_add_test(tcase, has_its_limits_for_one_request_alone);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
