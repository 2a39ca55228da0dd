/*
 * netio, body and sender serve many connections in one process: each on a fiber,
 * and so is each client, at the other end of a pair of sockets.
 *
 * SPDX-License-Identifier: ISC
 */
#include "message/netio.h"

#include <check.h>
#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "fiber/loop.h"
#include "http/head.h"
#include "message/channel.h"
#include "message/pace.h"
#include "message/request.h"
#include "message/wait_fiber.h"

#define CONNECTIONS   8
#define UPLOAD_OCTETS ((size_t)150 * 1000)
#define FILE_OCTETS   ((size_t)6 * 1024 * 1024)
#define LONG_MS	      60000
#define FIELDS	      20
#define HEAD_MAX      4096

/* One connection: the server's end, and the client's. */
struct connection {
	size_t number;
	int server, client;
	int64_t idle_ms;
	/* What the server does with a request. */
	void (*respond)(struct connection *connection);
	struct wait_fiber server_wait, client_wait;
	struct channel channel;
	struct scoreboard_page page, client_page;
	struct http_head head;
	struct http_field fields[FIELDS];
	struct request request;
	char octets[INPUT_SIZE(HEAD_MAX)];
	alignas(max_align_t) char block[16384];
	struct netio io; /* of the client */
	struct pace pace;
	char *content;
	size_t received; /* of a body or of a file */
	size_t served;	 /* requests */
};

static struct connection connections[CONNECTIONS];
static struct configuration configuration;
static struct loop *loop;

static void
setup(void)
{
	const struct loop_settings settings = {
		.stack_bytes = (size_t)128 * 1024,
		.max_fibers = 2 * CONNECTIONS,
		.max_steps = 50,
		.max_octets = (size_t)64 * 1024,
	};

	loop = loop_new(&settings);
	ck_assert_ptr_nonnull(loop);
	configuration.limits = (struct limits){ .max_body_bytes = UINT64_MAX,
		.body_timeout_ms = LONG_MS,
		.send_timeout_ms = LONG_MS };
}

static void
teardown(void)
{
	loop_free(loop);
}

/* The server. */

static void
open_server(struct connection *c)
{
	struct channel *channel = &c->channel;

	ck_assert_int_eq(wait_fiber_open(&c->server_wait, loop, c->server), 0);
	channel->configuration = &configuration;
	channel->page = &c->page;
	netio_init(&channel->io, c->server, c->server, &c->page,
	    &c->server_wait.wait);
	input_init(&channel->input, c->octets, sizeof(c->octets));
	arena_init(&channel->arena, c->block, sizeof(c->block));
}

static bool
parse(struct connection *c)
{
	const struct http_limits limits = { .max_request_line_bytes = HEAD_MAX,
		.max_head_bytes = HEAD_MAX,
		.max_fields = FIELDS };
	struct input *input = &c->channel.input;
	enum http_verdict verdict = HTTP_INCOMPLETE;

	if (input_pending(input) > 0)
		verdict = http_head_parse(&c->head, input->data + input->start,
		    input_pending(input), &limits);
	ck_assert(verdict == HTTP_COMPLETE || verdict == HTTP_INCOMPLETE);
	return verdict == HTTP_COMPLETE;
}

static bool
read_head(struct connection *c)
{
	struct input *input = &c->channel.input;
	ssize_t n;

	http_head_init(&c->head, c->fields, FIELDS);
	while (!parse(c)) {
		if (netio_wait(&c->channel.io, clock_ms() + c->idle_ms, 0) !=
		    NETIO_READY)
			return false;
		ck_assert(input_make_room(input));
		/* A wait that was for nothing would end the connection. */
		n = netio_read(&c->channel.io, input->data + input->end,
		    input->size - input->end, clock_ms());
		ck_assert_int_ge(n, 0);
		if (n == 0)
			return false;
		input->end += (size_t)n;
	}
	input_keep_head(input, c->head.length);
	return true;
}

static void
serve(void *argument)
{
	struct connection *c = argument;
	bool follows = true;

	open_server(c);
	while (follows && read_head(c)) {
		request_begin(&c->request, NULL, &c->channel, &c->head);
		sender_set_pace(&c->request.sender,
		    configuration.limits.send_timeout_ms, 0);
		body_limit(&c->request.body, &configuration.limits);
		c->respond(c);
		sender_finish(&c->request.sender);
		content_clear(&c->request.response.content);
		follows = c->request.sender.persists &&
		    body_drain(&c->request.body);
		c->served++;
		input_drop_head(&c->channel.input);
		arena_reset(&c->channel.arena);
	}
	netio_linger(&c->channel.io, 1 << 20, clock_ms() + 100);
	wait_fiber_close(&c->server_wait);
	close(c->server);
}

static void
respond_shortly(struct connection *c)
{
	sender_write(&c->request.sender, "hello", 5);
}

/* The client. */

static void
open_client(struct connection *c)
{
	ck_assert_int_eq(wait_fiber_open(&c->client_wait, loop, c->client), 0);
	netio_init(&c->io, c->client, c->client, &c->client_page,
	    &c->client_wait.wait);
	pace_begin(&c->pace, LONG_MS, 0);
}

static void
close_client(struct connection *c)
{
	wait_fiber_close(&c->client_wait);
	close(c->client);
}

static void
send_octets(struct connection *c, const char *octets, size_t length)
{
	struct iovec iov = { (char *)(uintptr_t)octets, length };

	ck_assert_int_eq(netio_write(&c->io, &iov, 1, false, &c->pace), 0);
}

static void
send_text(struct connection *c, const char *text)
{
	send_octets(c, text, strlen(text));
}

static void
receive(struct connection *c, char *octets, size_t length)
{
	size_t done = 0;
	ssize_t n;

	while (done < length) {
		n = netio_read_paced(&c->io, octets + done, length - done,
		    &c->pace);
		ck_assert_int_gt(n, 0);
		done += (size_t)n;
	}
}

/* Reads the head of a response, an octet at a time, and checks what it says of
 * the content. */
static void
receive_head(struct connection *c, const char *status, size_t length)
{
	char head[1024], field[64];
	size_t n = 0;

	do {
		ck_assert_uint_lt(n, sizeof(head) - 1);
		receive(c, head + n, 1);
		head[++n] = '\0';
	} while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0);
	ck_assert_mem_eq(head + 9, status, 3);
	snprintf(field, sizeof(field), "\r\nContent-Length: %zu\r\n", length);
	ck_assert_ptr_nonnull(strstr(head, field));
}

/* Leaves the processor to others for that long, with the socket untouched. */
static void
rest(struct connection *c, int64_t ms)
{
	const int64_t until_ms = clock_ms() + ms;

	while (clock_ms() < until_ms)
		loop_give_way(c->client_wait.watch.loop);
}

static void
open_connections(size_t count, void (*run)(void *argument),
    void (*respond)(struct connection *connection))
{
	for (size_t i = 0; i < count; i++) {
		struct connection *c = &connections[i];
		int fds[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		c->number = i;
		c->server = fds[0];
		c->client = fds[1];
		c->idle_ms = LONG_MS;
		c->respond = respond;
		ck_assert_int_eq(loop_start(loop, serve, c), 0);
		if (run)
			ck_assert_int_eq(loop_start(loop, run, c), 0);
	}
}

static void
run_loop(void)
{
	ck_assert_int_eq(loop_run(loop), 0);
}

/* Uploads, which come back. */

static size_t at_work, most_at_work;

static void
echo(struct connection *c)
{
	struct body *body = &c->request.body;
	char *content = malloc(UPLOAD_OCTETS + 1);
	size_t length = 0;
	ssize_t n;

	ck_assert_ptr_nonnull(content);
	at_work++;
	if (at_work > most_at_work)
		most_at_work = at_work;
	while ((n = body_read(body, content + length,
		    UPLOAD_OCTETS + 1 - length, true)) > 0)
		length += (size_t)n;
	ck_assert_int_eq(n, 0);
	at_work--;
	c->received += length;
	c->request.response.has_length = true;
	c->request.response.length = length;
	sender_write(&c->request.sender, content, length);
	sender_finish(&c->request.sender);
	free(content);
}

static char
octet_of(const struct connection *c, size_t i)
{
	return (char)(c->number * 31 + i * 7 + i / 251);
}

/* Sends in pieces of random size; chunked for odd connections. */
static void
send_upload(struct connection *c, const char *content)
{
	char line[32];

	for (size_t at = 0, n; at < UPLOAD_OCTETS; at += n) {
		n = 1 + (size_t)random() % 9000;
		if (n > UPLOAD_OCTETS - at)
			n = UPLOAD_OCTETS - at;
		snprintf(line, sizeof(line), "%zx\r\n", n);
		if (c->number % 2)
			send_text(c, line);
		send_octets(c, content + at, n);
		if (c->number % 2)
			send_text(c, "\r\n");
		if (random() % 3 == 0)
			loop_give_way(loop);
	}
	if (c->number % 2)
		send_text(c, "0\r\n\r\n");
}

static void
upload(void *argument)
{
	struct connection *c = argument;
	char *content = malloc(UPLOAD_OCTETS), *back = malloc(UPLOAD_OCTETS);
	char head[128];

	ck_assert(content && back);
	open_client(c);
	for (size_t i = 0; i < UPLOAD_OCTETS; i++)
		content[i] = octet_of(c, i);
	snprintf(head, sizeof(head), "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n",
	    c->number % 2 ? "Transfer-Encoding: chunked" :
			    "Content-Length: 150000");
	for (int i = 0; i < 3; i++) {
		send_text(c, head);
		send_upload(c, content);
		receive_head(c, "200", UPLOAD_OCTETS);
		receive(c, back, UPLOAD_OCTETS);
		ck_assert(memcmp(back, content, UPLOAD_OCTETS) == 0);
	}
	close_client(c);
	free(content);
	free(back);
}

START_TEST(serves_uploads_of_many_clients_at_once)
{
	srandom(3);
	open_connections(CONNECTIONS, upload, echo);
	run_loop();
	for (size_t i = 0; i < CONNECTIONS; i++) {
		ck_assert_uint_eq(connections[i].served, 3);
		ck_assert_uint_eq(connections[i].received, 3 * UPLOAD_OCTETS);
		ck_assert_uint_gt(connections[i].page.bytes_received,
		    3 * UPLOAD_OCTETS);
		ck_assert_uint_gt(connections[i].page.bytes_sent,
		    3 * UPLOAD_OCTETS);
	}
	ck_assert_uint_eq(most_at_work, CONNECTIONS);
}
END_TEST

/* Files. */

static int file;
static bool has_first_ended;

static void
make_file(void)
{
	char *content;

	file = memfd_create("content", MFD_CLOEXEC);
	ck_assert_int_eq(ftruncate(file, (off_t)FILE_OCTETS), 0);
	content = mmap(NULL, FILE_OCTETS, PROT_WRITE, MAP_SHARED, file, 0);
	ck_assert_ptr_ne(content, MAP_FAILED);
	for (size_t i = 0; i < FILE_OCTETS; i++)
		content[i] = (char)(i * 13 + i / 253);
	munmap(content, FILE_OCTETS);
}

static void
respond_by_file(struct connection *c)
{
	struct response *response = &c->request.response;

	response->has_length = true;
	response->length = FILE_OCTETS;
	ck_assert_int_eq(sender_file(&c->request.sender, dup(file), 0,
			     FILE_OCTETS),
	    0);
}

static void
download(void *argument)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct connection *c = argument;
	char part[20000];
	size_t n;

	open_client(c);
	send_text(c, get);
	receive_head(c, "200", FILE_OCTETS);
	for (size_t at = 0; at < FILE_OCTETS; at += n) {
		n = 1 + (size_t)random() % sizeof(part);
		if (n > FILE_OCTETS - at)
			n = FILE_OCTETS - at;
		receive(c, part, n);
		for (size_t i = 0; i < n; i++)
			if (part[i] != (char)((at + i) * 13 + (at + i) / 253))
				ck_abort_msg("an octet of the file is wrong");
		c->received += n;
	}
	for (size_t i = 0; !has_first_ended && i < CONNECTIONS; i++)
		ck_assert_uint_gt(connections[i].received, FILE_OCTETS / 4);
	has_first_ended = true;
	close_client(c);
}

START_TEST(sends_large_files_to_many_clients_at_once)
{
	srandom(4);
	make_file();
	open_connections(CONNECTIONS, download, respond_by_file);
	run_loop();
	for (size_t i = 0; i < CONNECTIONS; i++)
		ck_assert_uint_eq(connections[i].received, FILE_OCTETS);
}
END_TEST

/* The socket takes the whole of a file that is larger than a step. */
#define STEPPED_OCTETS ((size_t)300 * 1000)

static void
respond_by_beginning(struct connection *c)
{
	sender_file(&c->request.sender, dup(file), 0, STEPPED_OCTETS);
}

static void
watch_steps(void *argument)
{
	static char content[STEPPED_OCTETS];
	struct connection *c = argument;
	const uint64_t *sent = &c->page.bytes_sent;

	open_client(c);
	send_text(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	while (*sent < 1000)
		loop_give_way(loop);
	ck_assert_uint_lt(*sent, STEPPED_OCTETS);
	receive_head(c, "200", STEPPED_OCTETS);
	receive(c, content, STEPPED_OCTETS);
	close_client(c);
}

START_TEST(sends_a_file_in_steps)
{
	int most = 1 << 20;

	make_file();
	open_connections(1, watch_steps, respond_by_beginning);
	setsockopt(connections[0].server, SOL_SOCKET, SO_SNDBUF, &most,
	    sizeof(most));
	run_loop();
	ck_assert_uint_eq(connections[0].served, 1);
}
END_TEST

/* Slow clients. */

static void
send_slowly(void *argument)
{
	struct connection *c = argument;
	char content[5];

	open_client(c);
	send_text(c, "GET / HT");
	rest(c, 1);
	send_text(c, "TP/1.1\r\nHost:");
	while (connections[1].served < 50)
		rest(c, 1);
	send_text(c, " a\r\n\r\n");
	receive_head(c, "200", 5);
	receive(c, content, 5);
	close_client(c);
}

static void
send_fast(void *argument)
{
	struct connection *c = argument;
	char content[5];

	if (c->number == 0) {
		send_slowly(c);
		return;
	}
	open_client(c);
	for (int i = 0; i < 50; i++) {
		send_text(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
		receive_head(c, "200", 5);
		receive(c, content, 5);
		ck_assert_mem_eq(content, "hello", 5);
	}
	close_client(c);
}

START_TEST(serves_others_while_a_client_is_slow)
{
	open_connections(2, send_fast, respond_shortly);
	run_loop();
	ck_assert_uint_eq(connections[0].served, 1);
	ck_assert_uint_eq(connections[1].served, 50);
}
END_TEST

static void
expect_end(struct connection *c)
{
	char octet;

	ck_assert_int_eq(netio_read_paced(&c->io, &octet, 1, &c->pace), 0);
}

static void
be_silent(void *argument)
{
	struct connection *c = argument;

	open_client(c);
	expect_end(c);
	close_client(c);
}

START_TEST(ends_connections_of_silent_clients)
{
	int64_t begin_ms = clock_ms();

	open_connections(3, be_silent, respond_shortly);
	for (size_t i = 0; i < 3; i++)
		connections[i].idle_ms = 60 - 20 * (int64_t)i;
	run_loop();
	ck_assert_int_ge(clock_ms() - begin_ms, 60);
	ck_assert_int_lt(clock_ms() - begin_ms, LONG_MS);
}
END_TEST

static void
read_body(struct connection *c)
{
	char octets[100];

	ck_assert_int_eq(body_read(&c->request.body, octets, 100, true), 3);
	ck_assert_int_eq(body_read(&c->request.body, octets, 100, true), -1);
	ck_assert_int_eq(c->request.body.failure, 408);
	response_set_status(&c->request.response, 408);
}

static void
send_half(void *argument)
{
	struct connection *c = argument;

	open_client(c);
	send_text(c,
	    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
	receive_head(c, "408", 0);
	expect_end(c);
	close_client(c);
}

START_TEST(ends_a_body_that_comes_too_slowly)
{
	configuration.limits.body_timeout_ms = 30;
	open_connections(2, send_half, read_body);
	run_loop();
	ck_assert_uint_eq(connections[0].served, 1);
	ck_assert_uint_eq(connections[1].served, 1);
}
END_TEST

static void
respond_to_deaf(struct connection *c)
{
	respond_by_file(c);
	ck_assert_int_eq(sender_finish(&c->request.sender), -1);
	ck_assert_int_eq(c->request.sender.error, ETIMEDOUT);
	has_first_ended = true;
}

/* It reads nothing until the server has given up. */
static void
be_deaf(void *argument)
{
	struct connection *c = argument;

	open_client(c);
	send_text(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	while (!has_first_ended)
		rest(c, 1);
	close_client(c);
}

START_TEST(gives_up_clients_that_do_not_read)
{
	make_file();
	configuration.limits.send_timeout_ms = 30;
	open_connections(1, be_deaf, respond_to_deaf);
	run_loop();
	ck_assert_uint_eq(connections[0].served, 1);
	ck_assert_uint_lt(connections[0].page.bytes_sent, FILE_OCTETS);
}
END_TEST

/* The octets of a body end where the handler's buffer ends, so no call has told
 * that nothing is left. */
static void
read_exactly(struct connection *c)
{
	char octets[8192];
	size_t length = 0;
	ssize_t n;

	while ((n = body_read(&c->request.body, octets, 8192, true)) > 0)
		length += (size_t)n;
	ck_assert_int_eq(n, 0);
	ck_assert_uint_eq(length, 8192);
	respond_shortly(c);
}

static void
send_exactly(void *argument)
{
	static const char octets[8192] = "x";
	struct connection *c = argument;
	char content[5];

	open_client(c);
	for (int i = 0; i < 3; i++) {
		send_text(c,
		    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8192\r\n"
		    "\r\n");
		rest(c, 1);
		send_octets(c, octets, sizeof(octets));
		receive_head(c, "200", 5);
		receive(c, content, 5);
		rest(c, 5);
	}
	close_client(c);
}

START_TEST(waits_for_a_request_after_a_body_that_fits_exactly)
{
	open_connections(2, send_exactly, read_exactly);
	run_loop();
	ck_assert_uint_eq(connections[0].served, 3);
	ck_assert_uint_eq(connections[1].served, 3);
}
END_TEST

/* Turns. */

static size_t turns[2];

static void
note_turn(struct connection *c)
{
	char octets[4096];

	while (body_read(&c->request.body, octets, sizeof(octets), true) > 0) {
		turns[c->number]++;
		if (turns[c->number] == 30)
			ck_assert_uint_gt(turns[1 - c->number], 0);
	}
}

/* All octets are there before the servers begin, so that none has to wait. */
static void
send_before(struct connection *c)
{
	static const char head[] =
	    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\n\r\n";
	char *content = calloc(1, UPLOAD_OCTETS);
	ssize_t n;

	ck_assert_ptr_nonnull(content);
	n = send(c->client, head, sizeof(head) - 1, MSG_DONTWAIT);
	ck_assert_int_eq(n, sizeof(head) - 1);
	n = send(c->client, content, UPLOAD_OCTETS, MSG_DONTWAIT);
	ck_assert_int_eq(n, UPLOAD_OCTETS);
	shutdown(c->client, SHUT_WR);
	free(content);
}

START_TEST(gives_way_although_octets_are_there)
{
	open_connections(2, NULL, note_turn);
	send_before(&connections[0]);
	send_before(&connections[1]);
	run_loop();
	ck_assert_uint_ge(turns[0], 30);
	ck_assert_uint_ge(turns[1], 30);
}
END_TEST

/* What ends a wait for a request. */

static enum netio_event event;
static int64_t orphan_ms;

static void
wait_for_event(void *argument)
{
	struct connection *c = argument;

	open_server(c);
	event = netio_wait(&c->channel.io, clock_ms() + LONG_MS, orphan_ms);
	wait_fiber_close(&c->server_wait);
	has_first_ended = true;
}

static void
nudge_unwanted(void *argument)
{
	struct connection *c = argument;

	c->page.is_unwanted = 1;
	loop_nudge(&c->server_wait.watch);
}

static void
nudge_stopping(void *argument)
{
	struct connection *c = argument;

	/* A nudge without a reason changes nothing. */
	loop_nudge(&c->server_wait.watch);
	open_client(c);
	rest(c, 3);
	ck_assert(!has_first_ended);
	c->page.is_stopping = 1;
	loop_nudge(&c->server_wait.watch);
	wait_fiber_close(&c->client_wait);
}

static void
open_waiting(void (*run)(void *argument))
{
	struct connection *c = &connections[0];
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	c->server = fds[0];
	c->client = fds[1];
	ck_assert_int_eq(loop_start(loop, wait_for_event, c), 0);
	ck_assert_int_eq(loop_start(loop, run, c), 0);
}

START_TEST(ends_a_wait_whose_place_is_wanted)
{
	open_waiting(nudge_unwanted);
	run_loop();
	ck_assert_int_eq(event, NETIO_ORPHANED);
}
END_TEST

START_TEST(ends_a_wait_when_the_generation_stops)
{
	open_waiting(nudge_stopping);
	run_loop();
	ck_assert_int_eq(event, NETIO_ORPHANED);
}
END_TEST

static void
add_tests(TCase *tcase)
{
	tcase_add_test(tcase, serves_uploads_of_many_clients_at_once);
	tcase_add_test(tcase, sends_large_files_to_many_clients_at_once);
	tcase_add_test(tcase, sends_a_file_in_steps);
	tcase_add_test(tcase, serves_others_while_a_client_is_slow);
	tcase_add_test(tcase, ends_connections_of_silent_clients);
	tcase_add_test(tcase, ends_a_body_that_comes_too_slowly);
	tcase_add_test(tcase, gives_up_clients_that_do_not_read);
	tcase_add_test(tcase,
	    waits_for_a_request_after_a_body_that_fits_exactly);
	tcase_add_test(tcase, gives_way_although_octets_are_there);
	tcase_add_test(tcase, ends_a_wait_whose_place_is_wanted);
	tcase_add_test(tcase, ends_a_wait_when_the_generation_stops);
}

int
main(void)
{
	Suite *suite = suite_create("netio");
	TCase *tcase = tcase_create("netio");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	add_tests(tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
