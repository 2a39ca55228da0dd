/*
 * A ring of log records: what was put is read, nothing else is, and a writer
 * that lies harms nobody.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/ring.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#define SIZE 100

static struct ring_place place;
static char copy[SIZE];
static uint64_t nowhere;

static void
make_ring(uint64_t begin)
{
	place.ring = calloc(1, sizeof(struct ring) + SIZE);
	if (!place.ring)
		abort();
	place.size = SIZE;
	place.ring->written = begin;
	nowhere = begin;
}

static bool
put(const char *text, uint64_t read)
{
	const struct ring_record record = { 1, 2, text, strlen(text) };

	return ring_put(&place, read, &record);
}

static const uint64_t begins[] = { 0, 1, 93, 99, 100, 1000000 };

/* Whatever the position, also where records go on at the beginning. */
START_TEST(what_is_put_is_read)
{
	struct ring_record record;
	const char *at = copy;
	size_t left;

	make_ring(begins[_i]);
	ck_assert(put("one", nowhere) && put("", nowhere) &&
	    put("three three", nowhere));
	left = ring_copy(&place, nowhere, copy);
	ck_assert_uint_eq(left, 3 * RING_RECORD_BYTES + 14);
	ck_assert(ring_next(&at, &left, &record));
	ck_assert_uint_eq(record.kind, 1);
	ck_assert_uint_eq(record.level, 2);
	ck_assert_uint_eq(record.length, 3);
	ck_assert_mem_eq(record.text, "one", 3);
	ck_assert(ring_next(&at, &left, &record));
	ck_assert_uint_eq(record.length, 0);
	ck_assert(ring_next(&at, &left, &record));
	ck_assert_mem_eq(record.text, "three three", 11);
	ck_assert(!ring_next(&at, &left, &record));
	ck_assert_uint_eq(left, 0);
}
END_TEST

START_TEST(a_full_ring_takes_no_more)
{
	char text[SIZE - RING_RECORD_BYTES + 1];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	make_ring(begins[_i]);
	ck_assert(put(text, nowhere));
	ck_assert_uint_eq(ring_pending(&place, nowhere), SIZE);
	ck_assert(!put("", nowhere));
	ck_assert(put("", nowhere + RING_RECORD_BYTES));
}
END_TEST

START_TEST(a_record_larger_than_the_ring_does_not_fit)
{
	const struct ring_record huge = { 1, 2, copy, SIZE_MAX };
	const struct ring_record large = { 1, 2, copy, SIZE };

	make_ring(0);
	ck_assert(!ring_put(&place, 0, &huge));
	ck_assert(!ring_put(&place, 0, &large));
	ck_assert_uint_eq(ring_pending(&place, 0), 0);
}
END_TEST

/* Positions of a hostile writer, for a reader that has read up to 1000. */
static const struct {
	uint64_t written;
	size_t pending;
} positions[] = {
	{ 1000, 0 },
	{ 1000 + SIZE, SIZE },
	{ 1001 + SIZE, RING_DAMAGED },
	{ 999, RING_DAMAGED },
	{ 0, RING_DAMAGED },
	{ UINT64_MAX, RING_DAMAGED },
};

START_TEST(a_wrong_position_is_damage)
{
	make_ring(positions[_i].written);
	ck_assert_uint_eq(ring_pending(&place, 1000), positions[_i].pending);
	ck_assert_uint_eq(ring_copy(&place, 1000, copy), positions[_i].pending);
	if (positions[_i].pending == RING_DAMAGED)
		ck_assert(!put("x", 1000));
}
END_TEST

/* Lengths in a copy that are not true. */
static const uint32_t lengths[] = { 5, 100, 0x7fffffff, 0x80000000, UINT32_MAX,
	UINT32_MAX - 7 };

START_TEST(a_wrong_length_ends_the_records)
{
	struct ring_record record;
	const char *at = copy;
	size_t left = RING_RECORD_BYTES + 4;

	memset(copy, 0, sizeof(copy));
	memcpy(copy, &lengths[_i], sizeof(lengths[_i]));
	ck_assert(!ring_next(&at, &left, &record));
	ck_assert_ptr_eq(at, copy);
	left = RING_RECORD_BYTES - 1;
	ck_assert(!ring_next(&at, &left, &record));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* Text of two octets, and behind it records of another ring. */
static char records[4000];

static size_t
make_records(size_t count, size_t length)
{
	const uint32_t length_32 = (uint32_t)length;
	char *at = records + 2;
	size_t i;

	memset(records, 'x', sizeof(records));
	for (i = 0; i < count; i++, at += RING_RECORD_BYTES + length)
		memcpy(at, &length_32, sizeof(length_32));
	return (size_t)(at - records);
}

/* By so many octets that are free: a large ring, of which some are used. */
static size_t
put_some(size_t count, size_t length, size_t used)
{
	const struct ring_record record = { 1, 2, records,
		make_records(count, length) };

	size_t n;

	place.size = 64 * 1024;
	place.ring = calloc(1, sizeof(struct ring) + place.size);
	if (!place.ring)
		abort();
	place.ring->written = used;
	n = ring_put_some(&place, 0, &record, 2);
	free(place.ring);
	return n;
}

START_TEST(an_empty_ring_takes_all)
{
	ck_assert_uint_eq(put_some(100, 0, 0), 100 * RING_RECORD_BYTES);
	ck_assert_uint_eq(put_some(1, 3000, 16 * 1024), 3008);
}
END_TEST

START_TEST(a_ring_that_fills_takes_little)
{
	ck_assert_uint_eq(put_some(100, 0, 17 * 1024), 16 * RING_RECORD_BYTES);
	ck_assert_uint_eq(put_some(1, 3000, 17 * 1024), 0);
	ck_assert_uint_eq(put_some(4, 200, 32 * 1024), 2 * 208);
	ck_assert_uint_eq(put_some(1, 20, 62 * 1024), 28);
	ck_assert_uint_eq(put_some(1, 30, 62 * 1024), 0);
	ck_assert_uint_eq(put_some(1, 0, 64 * 1024), 0);
	ck_assert_uint_eq(put_some(1, 0, 65 * 1024), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ring");
	TCase *tcase = tcase_create("ring");
	SRunner *runner;

	tcase_add_loop_test(tcase, what_is_put_is_read, 0, COUNT(begins));
	tcase_add_loop_test(tcase, a_full_ring_takes_no_more, 0, COUNT(begins));
	tcase_add_test(tcase, a_record_larger_than_the_ring_does_not_fit);
	tcase_add_test(tcase, an_empty_ring_takes_all);
	tcase_add_test(tcase, a_ring_that_fills_takes_little);
	tcase_add_loop_test(tcase, a_wrong_position_is_damage, 0,
	    COUNT(positions));
	tcase_add_loop_test(tcase, a_wrong_length_ends_the_records, 0,
	    COUNT(lengths));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
