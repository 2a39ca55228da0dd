/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scoreboard.h"
#include "base/slice.h"
#include "config/configuration.h"
#include "generation/children.h"
#include "generation/crowd.h"

enum { MAX = 100, MARK = 95 };

static struct configuration configuration;
static struct scoreboard *scoreboard;
static struct children *children;
static struct crowd crowd;
static size_t count;

static void
begin(size_t per_client, size_t per_network)
{
	configuration = (struct configuration){ .max_connections = MAX,
		.max_connections_per_client = per_client,
		.max_connections_per_network = per_network };
	scoreboard = scoreboard_new(children_slots_for(MAX, 0), MAX,
	    &(struct scoreboard_origin){ .generation = 1 }, false);
	children = children_new(MAX, 0, false);
	count = 0;
	ck_assert_int_eq(crowd_init(&crowd, &configuration, scoreboard,
			     children),
	    0);
}

static struct address
address(const char *text)
{
	struct address a;
	const struct slice s = { text, strlen(text) };

	ck_assert(address_parse_ip(s, strchr(text, ':') ? AF_INET6 : AF_INET, 1,
	    &a));
	return a;
}

/* A connection of that client, which a process that only waits stands for. It
 * is so many seconds old. */
static struct child *
enter(const char *client, uint32_t state, int64_t age_s)
{
	size_t slot = children_next_slot(children);
	struct scoreboard_page *page = scoreboard_begin(scoreboard, slot);
	struct child *child;
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	page->state = state;
	child = children_add(children, pid);
	child->client = address(client);
	child->began_ms = clock_ms() - age_s * 1000;
	crowd_enter(&crowd, child);
	count++;
	return child;
}

static void
end(void)
{
	children_end_all(children);
	while (wait(NULL) > 0)
		continue;
}

static void
fill(const char *client, size_t to)
{
	while (count < to)
		enter(client, SCOREBOARD_WAITING, 1);
}

static void
make_room(const char *client)
{
	struct address a = address(client);

	crowd_make_room(&crowd, &a);
}

static enum crowd_verdict
judge(const char *client, size_t waiting)
{
	struct address a = address(client);

	return crowd_judge(&crowd, &a, waiting);
}

START_TEST(has_a_ceiling_for_a_client)
{
	begin(3, 0);
	enter("192.0.2.1", SCOREBOARD_WAITING, 1);
	enter("192.0.2.1", SCOREBOARD_WAITING, 1);
	ck_assert_int_eq(judge("192.0.2.1", 0), CROWD_WELCOME);
	ck_assert_int_eq(judge("192.0.2.1", 1), CROWD_CLIENT_FULL);
	ck_assert_int_eq(judge("192.0.2.2", 0), CROWD_WELCOME);
	end();
}
END_TEST

/* Clients with a /64 each fill the /48; only one with fewer gets in. */
START_TEST(has_a_ceiling_for_a_network)
{
	char text[64];
	int i;

	begin(0, 10);
	for (i = 0; i < 10; i++) {
		snprintf(text, sizeof(text), "2001:db8:1:%x::1", i);
		ck_assert_int_eq(judge(text, 0), CROWD_WELCOME);
		enter(text, SCOREBOARD_WAITING, 1);
	}
	ck_assert_int_eq(judge("2001:db8:1:99::1", 0), CROWD_NETWORK_FULL);
	ck_assert_int_eq(judge("2001:db8:2::1", 0), CROWD_WELCOME);
	ck_assert_uint_eq(crowd_ending(&crowd), 0);
	enter("2001:db8:1:5::2", SCOREBOARD_WAITING, 1);
	ck_assert_int_eq(judge("2001:db8:1:99::1", 0), CROWD_WELCOME);
	ck_assert_uint_eq(crowd_ending(&crowd), 1);
	end();
}
END_TEST

START_TEST(ends_none_below_the_mark)
{
	begin(0, 0);
	fill("192.0.2.1", MARK - 1);
	make_room("198.51.100.1");
	ck_assert_uint_eq(crowd_ending(&crowd), 0);
	fill("192.0.2.1", MARK);
	make_room("198.51.100.1");
	ck_assert_uint_eq(crowd_ending(&crowd), 1);
	end();
}
END_TEST

START_TEST(ends_none_for_an_equal)
{
	begin(0, 0);
	fill("192.0.2.1", MARK / 2);
	fill("198.51.100.1", MARK);
	make_room("198.51.100.1");
	make_room("192.0.2.1");
	ck_assert_uint_eq(crowd_ending(&crowd), 0);
	end();
}
END_TEST

/* In the order of the design, whatever the age of the others. */
START_TEST(ends_the_idle_first_and_the_longest)
{
	struct child *in_order[5];
	int i;

	begin(0, 0);
	in_order[4] = enter("192.0.2.1", SCOREBOARD_SENDING, 900);
	in_order[3] = enter("192.0.2.1", SCOREBOARD_HANDLING, 800);
	in_order[2] = enter("192.0.2.1", SCOREBOARD_READING, 700);
	in_order[1] = enter("192.0.2.1", SCOREBOARD_WAITING, 5);
	in_order[0] = enter("192.0.2.1", SCOREBOARD_WAITING, 6);
	for (i = 0; i < 20; i++)
		enter("192.0.2.1", 77, 1000);
	while (count < MARK + 5) {
		char text[32];

		snprintf(text, sizeof(text), "198.51.%zu.1", count);
		enter(text, SCOREBOARD_WAITING, 1);
	}
	for (i = 0; i < 5; i++) {
		make_room("203.0.113.1");
		ck_assert_msg(in_order[i]->told_ms > 0, "%d", i);
		ck_assert_int_eq(in_order[i]->killed, i > 1);
	}
	end();
}
END_TEST

/* One network of /64s, one connection each, beside clients with two. */
START_TEST(finds_a_network_heavier_than_its_clients)
{
	size_t i;
	char text[64];

	begin(0, 0);
	for (i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "2001:db8:1:%zx::1", i);
		enter(text, SCOREBOARD_WAITING, 1);
	}
	for (i = 0; count < MARK; i++) {
		snprintf(text, sizeof(text), "198.51.%zu.1", i / 2);
		enter(text, SCOREBOARD_WAITING, 1);
	}
	make_room("203.0.113.1");
	for (i = 0; i < MARK; i++) {
		struct child *child = children_at(children, i);

		if (child->told_ms > 0)
			break;
	}
	ck_assert_uint_lt(i, 60);
	end();
}
END_TEST

/* A light client loses no connection that is not idle. */
START_TEST(spares_the_busy_ones_of_a_light_client)
{
	size_t i;
	char text[64];

	begin(0, 0);
	for (i = 0; count < MARK; i++) {
		snprintf(text, sizeof(text), "198.51.%zu.1", i / 4);
		enter(text, SCOREBOARD_HANDLING, 60);
	}
	make_room("203.0.113.1");
	ck_assert_uint_eq(crowd_ending(&crowd), 0);
	end();
}
END_TEST

/* It says that a request came, again and again. */
START_TEST(tells_a_connection_once)
{
	struct child *liar;
	struct scoreboard_page *page;

	begin(0, 0);
	page = scoreboard_begin(scoreboard, children_next_slot(children));
	liar = enter("192.0.2.1", SCOREBOARD_WAITING, 99);
	fill("192.0.2.1", MARK);
	make_room("203.0.113.1");
	ck_assert_int_gt(liar->told_ms, 0);
	ck_assert(!liar->killed);
	page->requests++;
	crowd.next_ms = 0;
	crowd_sweep(&crowd);
	ck_assert_int_eq(liar->told_ms, 0);
	ck_assert_uint_eq(crowd_ending(&crowd), 0);
	make_room("203.0.113.1");
	ck_assert(liar->killed);
	end();
}
END_TEST

START_TEST(kills_one_that_does_not_follow)
{
	struct child *deaf;

	begin(0, 0);
	deaf = enter("192.0.2.1", SCOREBOARD_WAITING, 99);
	fill("192.0.2.1", MARK);
	make_room("203.0.113.1");
	ck_assert(!deaf->killed);
	deaf->told_ms -= 1000;
	crowd.next_ms = 0;
	crowd_sweep(&crowd);
	ck_assert(deaf->killed);
	end();
}
END_TEST

START_TEST(keeps_the_last_places_for_light_clients)
{
	struct address heavy = address("192.0.2.1");
	struct address light = address("203.0.113.1");

	begin(0, 0);
	fill("192.0.2.1", MARK);
	ck_assert(crowd_admits(&crowd, &heavy));
	make_room("203.0.113.1");
	ck_assert(!crowd_admits(&crowd, &heavy));
	ck_assert(crowd_admits(&crowd, &light));
	crowd.contested_until_ms = 0;
	ck_assert(crowd_admits(&crowd, &heavy));
	end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("crowd");
	Suite *s = suite_create("crowd");
	SRunner *r;

	tcase_add_test(t, has_a_ceiling_for_a_client);
	tcase_add_test(t, has_a_ceiling_for_a_network);
	tcase_add_test(t, ends_none_below_the_mark);
	tcase_add_test(t, ends_none_for_an_equal);
	tcase_add_test(t, ends_the_idle_first_and_the_longest);
	tcase_add_test(t, finds_a_network_heavier_than_its_clients);
	tcase_add_test(t, spares_the_busy_ones_of_a_light_client);
	tcase_add_test(t, tells_a_connection_once);
	tcase_add_test(t, kills_one_that_does_not_follow);
	tcase_add_test(t, keeps_the_last_places_for_light_clients);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
