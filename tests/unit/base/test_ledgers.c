/* SPDX-License-Identifier: ISC */
#include "base/ledgers.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/peers.h"

#define WORKERS	    2
#define MEMBERS	    3
#define CONNECTIONS 100

static struct ledgers *ledgers;

static struct address_key
key(unsigned char n)
{
	return (struct address_key){ { 4, 192, 0, 2, n } };
}

static void
open_ledgers(void)
{
	ledgers = ledgers_new(&(struct ledgers_size){ WORKERS, MEMBERS,
				  CONNECTIONS },
	    0);
	ck_assert_ptr_nonnull(ledgers);
	ck_assert_uint_eq(ledgers_workers(ledgers), WORKERS);
}

/* Runs what a worker does with its ledger. */
static void
work(size_t number, void (*run)(size_t number))
{
	int status;
	pid_t pid;

	ck_assert_int_eq(ledgers_share(ledgers, number, true), 0);
	pid = fork();
	if (pid == 0) {
		run(number);
		_exit(0);
	}
	ck_assert_int_eq(ledgers_share(ledgers, number, false), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void
take_two(size_t number)
{
	ledgers_count(ledgers, number, 4);
	ledgers_enter(ledgers, number, key(1));
	ledgers_enter(ledgers, number, key(2));
	ledgers_enter(ledgers, number, key(1));
	ledgers_leave(ledgers, number, key(2));
	ledgers_count(ledgers, number, -1);
}

START_TEST(counts_are_those_of_all_processes)
{
	open_ledgers();
	ledgers_count(ledgers, LEDGERS_GENERATION, 1);
	ledgers_enter(ledgers, LEDGERS_GENERATION, key(1));
	work(1, take_two);
	work(2, take_two);
	ck_assert_uint_eq(ledgers_in(ledgers, 1), 3);
	ck_assert_uint_eq(ledgers_connections(ledgers), 7);
	ck_assert_uint_eq(ledgers_of_client(ledgers, key(1)), 5);
	ck_assert_uint_eq(ledgers_of_client(ledgers, key(2)), 0);
	ck_assert_uint_eq(ledgers_of_network(ledgers,
			      address_key_network(key(9))),
	    5);
	ledgers_clear(ledgers, 1);
	ck_assert_uint_eq(ledgers_connections(ledgers), 4);
	ck_assert_uint_eq(ledgers_of_client(ledgers, key(1)), 3);
}
END_TEST

static void
fill_rows(size_t number)
{
	struct ledger_row *row = ledgers_row(ledgers, number, 7);

	ledgers_note_row(ledgers, number, 7);
	row->requests = 3;
	memset(row->client, 'x', sizeof(row->client));
	row->state = 1;
}

START_TEST(rows_are_shown_to_all)
{
	struct ledger_row row;

	open_ledgers();
	ck_assert_uint_eq(ledgers_used_rows(ledgers, 1), 0);
	work(1, fill_rows);
	ck_assert_uint_eq(ledgers_used_rows(ledgers, 1), 8);
	ck_assert(!ledgers_read_row(ledgers, 1, 6, &row));
	ck_assert(!ledgers_read_row(ledgers, 2, 7, &row));
	ck_assert(ledgers_read_row(ledgers, 1, 7, &row));
	ck_assert_uint_eq(row.requests, 3);
	/* A text without an end has one in the copy. */
	ck_assert_uint_eq(strlen(row.client), sizeof(row.client) - 1);
	ledgers_order(ledgers, 1, 7, row.serial, LEDGER_END);
	ck_assert(ledgers_read_row(ledgers, 1, 7, &row));
	ck_assert_uint_eq(row.order, LEDGER_END);
	ck_assert_uint_eq(row.order_serial, row.serial);
	ck_assert(!ledgers_read_row(ledgers, 1, CONNECTIONS, &row));
}
END_TEST

static void
put_parcels(size_t number)
{
	struct ledger_parcel parcel = { .sequence = 1 };

	while (ledgers_put_parcel(ledgers, number, &parcel))
		parcel.sequence++;
}

START_TEST(parcels_come_in_their_order)
{
	struct ledger_parcel parcel;
	uint64_t taken = 0;

	open_ledgers();
	ck_assert(!ledgers_next_parcel(ledgers, 2, &parcel));
	work(2, put_parcels);
	ck_assert_uint_eq(ledgers_in(ledgers, 2), LEDGERS_PARCELS);
	while (ledgers_next_parcel(ledgers, 2, &parcel)) {
		ck_assert_uint_eq(parcel.sequence, ++taken);
		ledgers_drop_parcel(ledgers, 2);
	}
	ck_assert_uint_gt(taken, 1);
	ck_assert_uint_eq(ledgers_taken_parcels(ledgers, 2), taken);
	ck_assert_uint_eq(ledgers_in(ledgers, 2), 0);
	/* There is room again. */
	work(2, put_parcels);
	ck_assert(ledgers_next_parcel(ledgers, 2, &parcel));
	ck_assert_uint_eq(parcel.sequence, 1);
}
END_TEST

/* All octets of the ledger are false: counts, tables, rows. */
static void
break_it(size_t number)
{
	size_t bytes;
	void *own = ledgers_memory(ledgers, number, &bytes);

	memset(own, 0xff, bytes);
}

START_TEST(what_a_broken_worker_writes_is_bounded)
{
	struct ledger_parcel parcel;
	struct ledger_row row;
	struct address_key client;
	size_t cursor = 0, found = 0;

	open_ledgers();
	work(1, break_it);
	ck_assert_uint_eq(ledgers_connections(ledgers), CONNECTIONS);
	ck_assert_uint_le(ledgers_of_client(ledgers, key(1)), CONNECTIONS);
	ck_assert_uint_eq(ledgers_used_rows(ledgers, 1), CONNECTIONS);
	ck_assert(ledgers_read_row(ledgers, 1, 0, &row));
	while (peers_next(ledgers_clients(ledgers, 1), &cursor, &client) > 0)
		found++;
	ck_assert_uint_gt(found, 0);
	ck_assert(ledgers_next_parcel(ledgers, 1, &parcel));
	ck_assert_uint_le(parcel.peer.length, sizeof(parcel.peer.storage));
	ledgers_clear(ledgers, 1);
	ck_assert_uint_eq(ledgers_connections(ledgers), 0);
	ck_assert(!ledgers_next_parcel(ledgers, 1, &parcel));
	ck_assert(!ledgers_read_row(ledgers, 1, 0, &row));
}
END_TEST

static void
receive_two(size_t number)
{
	ledgers_note_received(ledgers, number);
	ledgers_note_received(ledgers, number);
}

static void
receive_too_many(size_t number)
{
	int i;

	for (i = 0; i < 100; i++)
		ledgers_note_received(ledgers, number);
}

START_TEST(what_is_on_its_way_is_counted)
{
	int i;

	open_ledgers();
	for (i = 0; i < 5; i++)
		ledgers_note_passed(ledgers, 1);
	ck_assert_uint_eq(ledgers_on_way(ledgers, 1), 5);
	ck_assert_uint_eq(ledgers_in(ledgers, 1), 5);
	ck_assert_uint_eq(ledgers_on_way(ledgers, 2), 0);
	work(1, receive_two);
	ck_assert_uint_eq(ledgers_on_way(ledgers, 1), 3);
	work(1, receive_too_many);
	ck_assert_uint_eq(ledgers_on_way(ledgers, 1), 0);
	ledgers_clear(ledgers, 1);
	ledgers_note_passed(ledgers, 1);
	ck_assert_uint_eq(ledgers_on_way(ledgers, 1), 1);
}
END_TEST

/* The others' ledgers can only be read. */
static void
write_to_other(size_t number)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		ledgers_count(ledgers, number == 1 ? 2 : 1, 1);
		_exit(0);
	}
	/* A sanitizer makes a status of the signal. */
	if (waitpid(pid, &status, 0) != pid || status == 0)
		_exit(1);
}

START_TEST(no_worker_writes_the_ledger_of_another)
{
	open_ledgers();
	work(1, write_to_other);
	ck_assert_uint_eq(ledgers_connections(ledgers), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ledgers");
	TCase *tcase = tcase_create("ledgers");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, counts_are_those_of_all_processes);
	tcase_add_test(tcase, rows_are_shown_to_all);
	tcase_add_test(tcase, parcels_come_in_their_order);
	tcase_add_test(tcase, what_is_on_its_way_is_counted);
	tcase_add_test(tcase, what_a_broken_worker_writes_is_bounded);
	tcase_add_test(tcase, no_worker_writes_the_ledger_of_another);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
