/*
 * A scoreboard as prong(1) sees it, and files that are none: nothing in them may
 * lead beyond them.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/annals.h"
#include "base/ledgers.h"
#include "base/scoreboard_layout.h"
#include "base/shared_memory.h"

#define SLOTS	    4
#define WORKERS	    1
#define CONNECTIONS 3

static int shown, shown_ledgers, annals;
static struct scoreboard *scoreboard;
static struct ledgers *ledgers; /* which live as long as the process */
static struct header *header;

static void
make_ledgers(struct ledgers_size *size)
{
	int file = shared_memory_file("test", &shown_ledgers);
	struct ledger_row *row;

	ledgers = ledgers_new(size, file);
	ck_assert_ptr_nonnull(ledgers);
	row = ledgers_row(ledgers, 1, 0);
	row->state = SCOREBOARD_HANDLING;
	strcpy(row->client, "192.0.2.2:2");
	ledgers_note_row(ledgers, 1, 0);
	ledgers_count(ledgers, 1, 1);
}

static void
setup(void)
{
	struct ledgers_size size = { WORKERS, 0, CONNECTIONS };
	struct scoreboard_origin origin = { .generation = 7 };
	struct scoreboard_page *page;

	make_ledgers(&size);
	annals = annals_new();
	origin.totals = annals;
	origin.file = shared_memory_file("test", &shown);
	scoreboard = scoreboard_new(SLOTS, CONNECTIONS, &origin, true);
	ck_assert_ptr_nonnull(scoreboard);
	scoreboard_have_workers(scoreboard, WORKERS, WORKERS, &size);
	scoreboard_begin(scoreboard, 0)->pid = 1;
	page = scoreboard_begin(scoreboard, 1);
	page->pid = 4711;
	strcpy(page->client, "192.0.2.1:1");
	header = scoreboard_header(scoreboard);
	ledgers_current = NULL;
}

static void
teardown(void)
{
	scoreboard_look_away();
	scoreboard_free(scoreboard);
}

static bool
look(void)
{
	return scoreboard_look(shown, shown_ledgers, annals);
}

START_TEST(shows_connections)
{
	struct prong_connection_stats stats;
	struct prong_server_stats server;
	uint64_t cursor = 0;
	size_t handler;

	ck_assert(look());
	ck_assert_int_eq(scoreboard_server_stats(&server), 0);
	ck_assert_uint_eq(server.generation, 7);
	ck_assert_uint_eq(server.connections_max, CONNECTIONS);
	ck_assert_uint_eq(server.connections_now, 2);
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    1);
	ck_assert_str_eq(stats.client, "192.0.2.1:1");
	ck_assert_uint_eq(stats.pid, 4711);
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    1);
	ck_assert_str_eq(stats.client, "192.0.2.2:2");
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    0);
}
END_TEST

START_TEST(cannot_be_written_by_the_descriptor)
{
	ck_assert_int_lt((int)write(shown, "x", 1), 0);
	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			     shown, 0),
	    MAP_FAILED);
}
END_TEST

/* What a broken generation may have written into its header. */
static void
spoil(int which)
{
	switch (which) {
	case 0:
		header->version++;
		break;
	case 1:
		header->slots = 0;
		break;
	case 2:
		header->slots = SLOTS + 1;
		break;
	case 3:
		header->slots = UINT32_MAX;
		break;
	case 4:
		header->workers = SLOTS + 1;
		break;
	case 5:
		header->ledgers.connections = UINT32_MAX;
		break;
	default:
		header->ledgers.workers = UINT32_MAX;
		break;
	}
}

START_TEST(is_refused_if_spoiled)
{
	spoil(_i);
	ck_assert(!look());
	ck_assert_ptr_null(scoreboard_current);
}
END_TEST

/* Larger ledgers than there are: the rest is shown. */
START_TEST(does_without_ledgers_that_lie)
{
	struct prong_connection_stats stats;
	uint64_t cursor = 0;
	size_t handler;

	header->ledgers.connections = 1000;
	ck_assert(look());
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    1);
	ck_assert_str_eq(stats.client, "");
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    1);
	ck_assert_str_eq(stats.client, "192.0.2.1:1");
	ck_assert_int_eq(scoreboard_connection_stats(&cursor, &stats, &handler),
	    0);
}
END_TEST

START_TEST(takes_no_other_files)
{
	int readable, fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int file = shared_memory_file("test", &readable);

	ck_assert(!scoreboard_look(fd, shown_ledgers, annals));
	ck_assert(!scoreboard_look(-1, -1, -1));
	ck_assert(!scoreboard_look(readable, -1, -1));
	/* It could become shorter at any time. */
	ck_assert_int_eq(ftruncate(file, 1 << 20), 0);
	ck_assert(!scoreboard_look(readable, -1, -1));
	ck_assert(scoreboard_look(shown, fd, fd));
	close(fd);
	close(file);
	close(readable);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scoreboard_look");
	TCase *tcase = tcase_create("look");
	SRunner *runner;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, shows_connections);
	tcase_add_test(tcase, cannot_be_written_by_the_descriptor);
	tcase_add_loop_test(tcase, is_refused_if_spoiled, 0, 7);
	tcase_add_test(tcase, does_without_ledgers_that_lie);
	tcase_add_test(tcase, takes_no_other_files);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
