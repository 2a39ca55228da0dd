/* SPDX-License-Identifier: ISC */
#include "base/rings.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS	    2
#define CONNECTIONS 200000

static struct rings *rings;
static atomic_bool has_ended;
static atomic_size_t damaged;

static size_t
take(size_t slot, char *copy)
{
	struct rings_facts facts;

	return rings_take(rings, slot, copy, &facts);
}

/* As the log process does. */
static void *
look(void *copy)
{
	while (!has_ended) {
		for (size_t slot = 0; slot < SLOTS; slot++)
			if (take(slot, copy) == RING_DAMAGED)
				damaged++;
		rings_take_own(rings, copy);
	}
	return NULL;
}

/* As the generation and one connection after the other do. */
static void
serve(size_t slot)
{
	const struct ring_record record = {
		.kind = RINGS_ACCESS, .text = "GET / HTTP/1.1", .length = 14
	};
	struct ring_place place;
	uint64_t read;

	ck_assert_int_eq(rings_begin(rings, slot), 0);
	rings_started(rings, slot, &(struct rings_facts){ .pid = 1 });
	place = rings_place(rings, slot, &read);
	ck_assert(ring_put(&place, read, &record));
	rings_end(rings, slot);
}

/* The log process may look at a ring while its slot passes to another. */
START_TEST(a_slot_that_changes_hands_is_not_damaged)
{
	char *copy = malloc(rings_own_bytes());
	pthread_t thread;

	rings = rings_new(SLOTS, 0, NULL);
	ck_assert(rings && copy);
	ck_assert_int_eq(pthread_create(&thread, NULL, look, copy), 0);
	for (int i = 0; i < CONNECTIONS; i++)
		serve((size_t)i % SLOTS);
	has_ended = true;
	pthread_join(thread, NULL);
	ck_assert_uint_eq(damaged, 0);
	free(copy);
}
END_TEST

/* So many connections with rings that are full end before the log process looks
 * again. */
#define ENDING 200

static size_t
count_lines(const char *octets, size_t left)
{
	struct ring_record record;
	size_t lines = 0;

	while (ring_next(&octets, &left, &record)) {
		if (record.kind == RINGS_ENDED)
			lines += count_lines(record.text +
				sizeof(struct rings_facts),
			    record.length - sizeof(struct rings_facts));
		else
			lines++;
	}
	return lines;
}

/* Returns the lines that have found room. */
static size_t
fill(size_t slot, int64_t pid)
{
	const struct ring_record record = { .kind = RINGS_ACCESS,
		.text = "GET /index.html HTTP/1.1",
		.length = 24 };
	struct ring_place place;
	uint64_t read;
	size_t lines = 0;

	ck_assert_int_eq(rings_begin(rings, slot), 0);
	rings_started(rings, slot, &(struct rings_facts){ .pid = pid });
	place = rings_place(rings, slot, &read);
	while (ring_put(&place, read, &record))
		lines++;
	return lines;
}

/* The lines that a look of the log process finds in a slot, and its own. */
static size_t
find(size_t slot, int64_t pid, char *copy)
{
	struct rings_facts facts = { 0 };
	size_t n = rings_take(rings, slot, copy, &facts);

	ck_assert_uint_ne(n, RING_DAMAGED);
	ck_assert(n == 0 || facts.pid == pid);
	return count_lines(copy, n);
}

static size_t
find_own(char *copy)
{
	return count_lines(copy, rings_take_own(rings, copy));
}

START_TEST(many_that_end_at_once_lose_no_line)
{
	char *copy = malloc(rings_own_bytes());
	size_t put = 0, found = 0, slot;

	rings = rings_new(ENDING, 0, NULL);
	ck_assert(rings && copy);
	for (slot = 0; slot < ENDING; slot++)
		put += fill(slot, (int64_t)slot + 1);
	for (slot = 0; slot < ENDING; slot++)
		rings_end(rings, slot);
	for (slot = 0; slot < ENDING; slot++)
		found += find(slot, (int64_t)slot + 1, copy);
	found += find_own(copy);
	ck_assert_uint_eq(found, put);
	ck_assert_uint_eq(rings_dropped().access_lines, 0);
	for (slot = 0; slot < ENDING; slot++)
		ck_assert_int_eq(rings_pid(rings, slot), 0);
	free(copy);
}
END_TEST

/* What a process that outlives its connection writes is nobody's line. */
START_TEST(a_slot_that_has_ended_is_read_once)
{
	const struct ring_record late = {
		.kind = RINGS_ACCESS, .text = "late", .length = 4
	};
	char *copy = malloc(rings_own_bytes());
	struct ring_place place;
	size_t put, slot;

	rings = rings_new(ENDING, 0, NULL);
	ck_assert(rings && copy);
	for (slot = 0; slot < ENDING; slot++)
		put = fill(slot, 1);
	for (slot = 0; slot < ENDING; slot++)
		rings_end(rings, slot);
	slot = ENDING - 1;
	ck_assert_uint_eq(find(slot, 1, copy), put);
	place = rings_place(rings, slot, &(uint64_t){ 0 });
	ck_assert(ring_put(&place, rings_read(rings, slot), &late));
	ck_assert_uint_eq(find(slot, 1, copy), 0);
	free(copy);
}
END_TEST

/* The next process of a slot may begin before the log process has looked: then
 * the lines before are passed on as far as there is room, and counted else. */
START_TEST(a_slot_that_begins_again_passes_on_or_counts)
{
	char *copy = malloc(rings_own_bytes());
	size_t put = 0, found = 0, slot;

	rings = rings_new(ENDING, 0, NULL);
	ck_assert(rings && copy);
	for (slot = 0; slot < ENDING; slot++)
		put += fill(slot, 1);
	for (slot = 0; slot < ENDING; slot++)
		rings_end(rings, slot);
	for (slot = 0; slot < ENDING; slot++)
		ck_assert_int_eq(rings_begin(rings, slot), 0);
	for (slot = 0; slot < ENDING; slot++)
		ck_assert_uint_eq(find(slot, 1, copy), 0);
	found = find_own(copy);
	ck_assert_uint_gt(found, 0);
	ck_assert_uint_lt(found, put);
	ck_assert_uint_eq(found + rings_dropped().access_lines, put);
	free(copy);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rings");
	TCase *tcase = tcase_create("rings");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, a_slot_that_changes_hands_is_not_damaged);
	tcase_add_test(tcase, many_that_end_at_once_lose_no_line);
	tcase_add_test(tcase, a_slot_that_has_ended_is_read_once);
	tcase_add_test(tcase, a_slot_that_begins_again_passes_on_or_counts);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
