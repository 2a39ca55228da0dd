/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/ranges.h"
#include "unit/guard.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define MAX	 8

static const struct {
	const char *value;
	uint64_t length;
	const char *expected; /* ranges, "416" or "ignored" */
} cases[] = {
	{ "bytes=0-499", 10000, "0-499" },
	{ "bytes=500-999", 10000, "500-999" },
	{ "bytes=0-0", 10000, "0-0" },
	{ "bytes=9990-", 10000, "9990-9999" },
	{ "bytes=9999-", 10000, "9999-9999" },
	{ "bytes=0-", 10000, "0-9999" },
	{ "bytes=-1", 10000, "9999-9999" },
	{ "bytes=-500", 10000, "9500-9999" },
	{ "bytes=-10000", 10000, "0-9999" },
	{ "bytes=-10001", 10000, "0-9999" },
	{ "bytes=9990-19990", 10000, "9990-9999" },
	{ "bytes=9999-9999", 10000, "9999-9999" },
	{ "bytes=0-0", 1, "0-0" },
	{ "bytes=007-0010", 10000, "7-10" },
	/* The unit, in any case of letters. */
	{ "BYTES=1-2", 10000, "1-2" },
	{ "Bytes=1-2", 10000, "1-2" },
	{ "octets=1-2", 10000, "ignored" },
	{ "byte=1-2", 10000, "ignored" },
	{ "bytesx=1-2", 10000, "ignored" },
	{ "bytes", 10000, "ignored" },
	{ "bytes 1-2", 10000, "ignored" },
	{ "bytes =1-2", 10000, "ignored" },
	{ "=1-2", 10000, "ignored" },
	{ "1-2", 10000, "ignored" },
	{ "", 10000, "ignored" },
	/* Past the end. */
	{ "bytes=10000-10000", 10000, "416" },
	{ "bytes=10000-", 10000, "416" },
	{ "bytes=-0", 10000, "416" },
	{ "bytes=-0,10000-,20000-20001", 10000, "416" },
	{ "bytes=10000-,5-6", 10000, "5-6" },
	{ "bytes=-0,5-6", 10000, "5-6" },
	{ "bytes=0-0", 0, "ignored" },
	{ "bytes=0-", 0, "ignored" },
	{ "bytes=-5", 0, "ignored" },
	/* Numbers that no integer holds. */
	{ "bytes=0-99999999999999999999999", 10000, "0-9999" },
	{ "bytes=-99999999999999999999999", 10000, "0-9999" },
	{ "bytes=-9223372036854775808", 10000, "0-9999" },
	{ "bytes=-18446744073709551615", 10000, "0-9999" },
	{ "bytes=-18446744073709551616", 10000, "0-9999" },
	{ "bytes=0-18446744073709551615", 10000, "0-9999" },
	{ "bytes=18446744073709551615-", 10000, "416" },
	{ "bytes=18446744073709551616-18446744073709551617", 10000, "416" },
	{ "bytes=18446744073709551616-5", 10000, "ignored" },
	{ "bytes=18446744073709551614-", UINT64_MAX,
	    "18446744073709551614-18446744073709551614" },
	{ "bytes=-1,0-0", UINT64_MAX,
	    "18446744073709551614-18446744073709551614 0-0" },
	{ "bytes=0-18446744073709551613,-1", UINT64_MAX,
	    "0-18446744073709551614" },
	/* Suffixes whose sum wraps. */
	{ "bytes=-9223372036854775807,-9223372036854775809", 10000, "0-9999" },
	/* Not in the grammar: the whole field is ignored. */
	{ "bytes=", 10000, "ignored" },
	{ "bytes=,", 10000, "ignored" },
	{ "bytes=-", 10000, "ignored" },
	{ "bytes=--1", 10000, "ignored" },
	{ "bytes=5", 10000, "ignored" },
	{ "bytes=5-2", 10000, "ignored" },
	{ "bytes=-2-3", 10000, "ignored" },
	{ "bytes=1-2-3", 10000, "ignored" },
	{ "bytes=+0-+4", 10000, "ignored" },
	{ "bytes=0x0-0x4", 10000, "ignored" },
	{ "bytes=a-b", 10000, "ignored" },
	{ "bytes=0-4;q=1", 10000, "ignored" },
	{ "bytes=0 - 4", 10000, "ignored" },
	{ "bytes=10-11 12-", 10000, "ignored" },
	{ "bytes=\"0-4\"", 10000, "ignored" },
	{ "bytes=0-4,x", 10000, "ignored" },
	{ "bytes=x,0-4", 10000, "ignored" },
	{ "bytes=0-4, 5-2", 10000, "ignored" },
	{ "bytes=0-4,bytes=6-7", 10000, "ignored" },
	/* Lists. */
	{ "bytes=0-0,-1", 10000, "0-0 9999-9999" },
	{ "bytes= 0-4", 10000, "0-4" },
	{ "bytes=,0-4,", 10000, "0-4" },
	{ "bytes=0-4 ,\t6-7", 10000, "0-4 6-7" },
	{ "bytes=3000-,100-200,2000-2200", 10000,
	    "3000-9999 100-200 2000-2200" },
	/* Merged, and where the first of them stood. */
	{ "bytes=0-100,70-100,1000-1001", 10000, "0-100 1000-1001" },
	{ "bytes=5-10,11-12,99-99", 10000, "5-12 99-99" },
	{ "bytes=11-12,5-10", 10000, "5-12" },
	{ "bytes=5-10,12-13", 10000, "5-10 12-13" },
	{ "bytes=0-9,-10,10-19", 10000, "0-19 9990-9999" },
	{ "bytes=500-600,601-999", 10000, "500-999" },
	{ "bytes=0-10001,0-0", 10000, "0-9999" },
	{ "bytes=0-0,0-0,0-0", 10000, "0-0" },
	{ "bytes=0-0,2-2,4-4,1-1,3-3", 10000, "0-4" },
	{ "bytes=9-9,0-0,2-2,1-1", 10000, "9-9 0-2" },
	{ "bytes=50-60,10-20,15-55", 10000, "10-60" },
	{ "bytes=0-1,90-91,4-5,0-", 10000, "0-9999" },
	/* Bombs: as many as there is room for, and one more. */
	{ "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14", 10000,
	    "0-0 2-2 4-4 6-6 8-8 10-10 12-12 14-14" },
	{ "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16", 10000,
	    "ignored" },
	{ "bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-", 10000, "ignored" },
	{ "bytes=-0,-0,-0,-0,-0,-0,-0,-0,-0", 10000, "ignored" },
	{ "bytes=,,,,,,,,,,,,,,0-4", 10000, "0-4" },
};

static void
print_ranges(char *out, size_t size, const struct range *ranges, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(out + used, size - used,
		    "%s%" PRIu64 "-%" PRIu64, i > 0 ? " " : "", ranges[i].first,
		    ranges[i].last);
}

START_TEST(reads_ranges)
{
	struct range *ranges = (void *)guard_room(MAX * sizeof(*ranges));
	size_t count = 42;
	enum ranges_verdict verdict = ranges_parse(guard_text(cases[_i].value),
	    cases[_i].length, ranges, MAX, &count);
	char got[512] = "";

	if (verdict == RANGES_SATISFIABLE) {
		ck_assert_uint_le(count, MAX);
		print_ranges(got, sizeof(got), ranges, count);
	} else {
		ck_assert_uint_eq(count, 42);
		strcpy(got, verdict == RANGES_IGNORE ? "ignored" : "416");
	}
	ck_assert_msg(strcmp(got, cases[_i].expected) == 0,
	    "%s of %" PRIu64 ": %s, not %s", cases[_i].value, cases[_i].length,
	    got, cases[_i].expected);
}
END_TEST

static bool
overlap(const struct range *a, const struct range *b)
{
	return a->first <= b->last + 1 && b->first <= a->last + 1;
}

/* Against one flag an octet: the ranges put out cover the octets asked for and
 * no other, and never touch each other. */
START_TEST(covers_what_was_asked_once)
{
	enum { LENGTH = 40 };

	srand(1);
	for (int round = 0; round < 20000; round++) {
		char value[256] = "bytes=";
		bool asked[LENGTH] = { false };
		struct range ranges[MAX];
		size_t count, covered = 0, wanted = 0;
		int n = 1 + rand() % MAX;

		for (int i = 0; i < n; i++) {
			int first = rand() % LENGTH;
			int last = first + rand() % 6;

			snprintf(value + strlen(value), 20, "%d-%d,", first,
			    last);
			for (int j = first; j <= last && j < LENGTH; j++)
				asked[j] = true;
		}
		ck_assert_int_eq(ranges_parse(guard_text(value), LENGTH, ranges,
				     MAX, &count),
		    RANGES_SATISFIABLE);
		for (size_t i = 0; i < count; i++) {
			for (size_t j = 0; j < i; j++)
				ck_assert_msg(!overlap(&ranges[i], &ranges[j]),
				    "%s", value);
			for (uint64_t j = ranges[i].first; j <= ranges[i].last;
			     j++, covered++)
				ck_assert_msg(asked[j], "%s", value);
		}
		for (int i = 0; i < LENGTH; i++)
			wanted += asked[i];
		ck_assert_uint_eq(covered, wanted);
	}
}
END_TEST

START_TEST(needs_no_room_to_ignore)
{
	size_t count;

	ck_assert_int_eq(ranges_parse(guard_text("bytes=0-1"), 10, NULL, 0,
			     &count),
	    RANGES_IGNORE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ranges");
	TCase *tcase = tcase_create("ranges");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, reads_ranges, 0, COUNT(cases));
	tcase_add_test(tcase, covers_what_was_asked_once);
	tcase_add_test(tcase, needs_no_room_to_ignore);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
