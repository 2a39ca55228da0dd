/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "generation/penalty.h"

static struct address_key
key(unsigned n)
{
	struct address_key k = { { 0 } };

	memcpy(k.bytes, &n, sizeof(n));
	return k;
}

START_TEST(doubles_from_the_third_crash_up_to_a_bound)
{
	static const int64_t expected[] = { 0, 0, 1000, 2000, 4000, 8000, 16000,
		32000, 64000, 128000, 256000, 512000, 600000, 600000 };
	struct penalties *p = penalties_new(1000);
	size_t i;

	ck_assert_ptr_nonnull(p);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_int_eq(penalty_add(p, key(1), 1), expected[i]);
}
END_TEST

START_TEST(applies_until_its_end_and_to_nobody_else)
{
	struct penalties *p = penalties_new(1000);
	int i;

	for (i = 0; i < 3; i++) {
		ck_assert(!penalty_applies(p, key(1), 50));
		penalty_add(p, key(1), 50);
	}
	ck_assert(penalty_applies(p, key(1), 50));
	ck_assert(penalty_applies(p, key(1), 1049));
	ck_assert(!penalty_applies(p, key(1), 1050));
	ck_assert(!penalty_applies(p, key(2), 50));
}
END_TEST

START_TEST(is_forgotten_after_a_time_of_peace)
{
	struct penalties *p = penalties_new(1000);
	int64_t later = 1000 + PENALTY_MEMORY_MS;
	int i;

	for (i = 0; i < 3; i++)
		penalty_add(p, key(1), 0);
	ck_assert_int_eq(penalty_add(p, key(1), later - 1), 2000);
	later += 2000 + PENALTY_MEMORY_MS;
	ck_assert_int_eq(penalty_add(p, key(1), later), 0);
}
END_TEST

/* Many clients that crash once do not push out one that is being refused. */
START_TEST(keeps_the_worst_when_the_table_is_full)
{
	struct penalties *p = penalties_new(1000);
	unsigned i;

	for (i = 0; i < 12; i++)
		penalty_add(p, key(0), 0);
	for (i = 1; i <= 20 * PENALTY_CLIENTS; i++)
		penalty_add(p, key(i), 1);
	ck_assert(penalty_applies(p, key(0), 2));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("penalty");
	Suite *s = suite_create("penalty");
	SRunner *r;

	tcase_add_test(t, doubles_from_the_third_crash_up_to_a_bound);
	tcase_add_test(t, applies_until_its_end_and_to_nobody_else);
	tcase_add_test(t, is_forgotten_after_a_time_of_peace);
	tcase_add_test(t, keeps_the_worst_when_the_table_is_full);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
