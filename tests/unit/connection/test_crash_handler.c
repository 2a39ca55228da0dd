/*
 * Connections on the fibers of one process, each with last words of its own. Where
 * the process ends, it is a child, whose error log is a pipe.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/crash_handler.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/scoreboard.h"
#include "fiber/loop.h"
#include "message/response.h"
#include "message/sender.h"

#define CONNECTIONS 2

struct connection {
	struct last_words words;
	struct scoreboard_page page;
	struct response response;
	struct sender sender;
	const char *route, *handler;
	int server, client;
	bool crashes;
	unsigned turns; /* in which its own words were at hand */
};

/* What the process that ends leaves for the test. */
struct left {
	int recorded_status;
	char recorded_client[32];
	int longest_poll_ms;
};

static struct connection connections[CONNECTIONS];
static struct left *left;
static struct loop *loop;
static char logged[4096], received[4096];

/* In place of libc's, for what the crash handler calls. */
int
poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec timeout = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };

	if (left && timeout_ms > left->longest_poll_ms)
		left->longest_poll_ms = timeout_ms;
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

static void
record(struct last_words *words, int status, uint64_t bytes)
{
	(void)bytes;
	left->recorded_status = status;
	strncpy(left->recorded_client, words->job.client,
	    sizeof(left->recorded_client) - 1);
}

static void
begin_words(struct connection *c, const char *client)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	c->server = ends[0];
	c->client = ends[1];
	c->sender.response = &c->response;
	strcpy(c->page.request, "GET / HTTP/1.1");
	c->words = (struct last_words){ .job.client = client,
		.job.page = &c->page,
		.out = c->server,
		.sender = &c->sender,
		.record = record };
}

static void
setup(void)
{
	const struct loop_settings settings = {
		.stack_bytes = (size_t)128 * 1024,
		.max_fibers = CONNECTIONS,
		.max_steps = 50,
		.max_octets = (size_t)64 * 1024,
	};

	loop = loop_new(&settings);
	ck_assert_ptr_nonnull(loop);
	left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(left != MAP_FAILED);
	memset(connections, 0, sizeof(connections));
	begin_words(&connections[0], "192.0.2.1:1001");
	begin_words(&connections[1], "192.0.2.2:1002");
	connections[0].route = "/first";
	connections[0].handler = "one";
	connections[1].route = "/second";
	connections[1].handler = "two";
}

static void
teardown(void)
{
	loop_free(loop);
}

/* Both are in their handlers when one crashes. */
static void
serve(void *argument)
{
	struct connection *c = argument;
	struct last_words *words = &c->words;

	crash_handler_take(words);
	for (int turn = 0; turn < 3; turn++) {
		crash_handler_begin(words, c->route, c->handler);
		loop_give_way(loop);
		c->turns += job_at_hand == &words->job &&
		    job_in_handler() == &words->job;
		if (c->crashes && turn == 1)
			raise(SIGSEGV);
		crash_handler_end(words);
		loop_give_way(loop);
		c->turns += job_at_hand == &words->job && !job_in_handler();
	}
	crash_handler_take(NULL);
}

static void
run_all(void)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		ck_assert_int_eq(loop_start(loop, serve, &connections[i]), 0);
	ck_assert_int_eq(loop_run(loop), 0);
}

START_TEST(are_those_of_the_fiber_that_runs)
{
	run_all();
	ck_assert_uint_eq(connections[0].turns, 6);
	ck_assert_uint_eq(connections[1].turns, 6);
	ck_assert_ptr_null(job_at_hand);
}
END_TEST

/* In the child. */
static _Noreturn void
end(void (*run)(void), enum crash_handler_way way, int log)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	dup2(log, STDERR_FILENO);
	crash_handler_open();
	crash_handler_choose(way);
	run();
	_exit(0);
}

static void
read_all(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while (length < size - 1 &&
	    (n = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)n;
	text[length] = '\0';
}

/* The status of a child in which that function has run. */
static int
status_of(void (*run)(void), enum crash_handler_way way)
{
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		end(run, way, ends[1]);
	close(ends[1]);
	read_all(ends[0], logged, sizeof(logged));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* What a client has got when the server's process has ended. */
static const char *
received_by(struct connection *c)
{
	fcntl(c->client, F_SETFL, O_NONBLOCK);
	read_all(c->client, received, sizeof(received));
	return received;
}

static void
ck_assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		ck_abort_msg("\"%s\" is not in: %s", part, text);
}

START_TEST(name_the_connection_whose_handler_crashed)
{
	struct connection *c = &connections[_i], *other = &connections[!_i];
	int status;

	c->crashes = true;
	status = status_of(run_all, CRASH_HANDLER_HURRIES);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
	ck_assert_contains(logged,
	    _i == 0 ? "handler one of route /first crashed: SIGSEGV" :
		      "handler two of route /second crashed: SIGSEGV");
	ck_assert_contains(logged, c->words.job.client);
	ck_assert_int_eq(left->recorded_status, 500);
	ck_assert_str_eq(left->recorded_client, c->words.job.client);
	ck_assert_contains(received_by(c), "HTTP/1.1 500 ");
	ck_assert_str_eq(received_by(other), "");
}
END_TEST

static void
crash_between_fibers(void)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		loop_start(loop, serve, &connections[i]);
	loop_run(loop);
	raise(SIGABRT);
}

START_TEST(are_none_outside_of_all_fibers)
{
	int status = status_of(crash_between_fibers, CRASH_HANDLER_HURRIES);

	ck_assert(WIFSIGNALED(status));
	ck_assert_contains(logged, "SIGABRT");
	ck_assert_contains(logged, "outside of any handler");
	ck_assert_int_eq(left->recorded_status, 0);
}
END_TEST

static void
fill(int fd)
{
	static const char octets[4096];

	while (send(fd, octets, sizeof(octets), MSG_DONTWAIT) > 0) {
	}
	while (send(fd, octets, 1, MSG_DONTWAIT) > 0) {
	}
}

/* A wait for the client would end by SIGALRM, after seconds. */
START_TEST(wait_for_nobody_where_others_are_served)
{
	int status;

	connections[0].crashes = true;
	fill(connections[0].server);
	status = status_of(run_all, CRASH_HANDLER_HURRIES);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
	ck_assert_int_eq(left->longest_poll_ms, 0);
}
END_TEST

START_TEST(do_not_linger_where_others_are_served)
{
	connections[0].crashes = true;
	status_of(run_all, CRASH_HANDLER_HURRIES);
	ck_assert_contains(received_by(&connections[0]), "HTTP/1.1 500 ");
	ck_assert_int_eq(left->longest_poll_ms, 0);
}
END_TEST

START_TEST(linger_in_a_process_of_one_connection)
{
	connections[0].crashes = true;
	status_of(run_all, CRASH_HANDLER_LINGERS);
	ck_assert_contains(received_by(&connections[0]), "HTTP/1.1 500 ");
	ck_assert_int_gt(left->longest_poll_ms, 0);
}
END_TEST

static void
crash_with_a_damaged_pointer(void)
{
	job_take((struct job *)(uintptr_t)4096);
	raise(SIGSEGV);
}

START_TEST(are_left_out_where_they_cannot_be_read)
{
	int status = status_of(crash_with_a_damaged_pointer,
	    CRASH_HANDLER_LINGERS);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
	ck_assert_contains(logged, "outside of any handler");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("crash handler");
	TCase *tcase = tcase_create("last words");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, are_those_of_the_fiber_that_runs);
	tcase_add_loop_test(tcase, name_the_connection_whose_handler_crashed, 0,
	    CONNECTIONS);
	tcase_add_test(tcase, are_none_outside_of_all_fibers);
	tcase_add_test(tcase, wait_for_nobody_where_others_are_served);
	tcase_add_test(tcase, do_not_linger_where_others_are_served);
	tcase_add_test(tcase, linger_in_a_process_of_one_connection);
	tcase_add_test(tcase, are_left_out_where_they_cannot_be_read);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
