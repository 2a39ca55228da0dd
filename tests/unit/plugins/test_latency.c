/*
 * Latency: quantiles of a histogram.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stddef.h>

#include "status/latency.h"

static size_t
bucket_of(uint64_t us)
{
	size_t i = 0;

	while (us >= prong_stats_bound_us(i))
		i++;
	return i;
}

START_TEST(no_request_has_no_duration)
{
	const struct latency latency = { .sum_us = 0 };

	ck_assert_uint_eq(latency_count(&latency), 0);
	ck_assert_uint_eq(latency_quantile_us(&latency, 500), 0);
}
END_TEST

START_TEST(a_quantile_is_right_but_for_an_eighth)
{
	struct latency latency = { .max_us = 3000000 };
	uint64_t us, p;

	for (us = 1000; us <= 3000000; us += 1000)
		latency.buckets[bucket_of(us)]++;
	ck_assert_uint_eq(latency_count(&latency), 3000);
	for (p = 100; p <= 900; p += 100) {
		const uint64_t found = latency_quantile_us(&latency,
		    (unsigned)p);
		const uint64_t right = p * 3000;

		ck_assert_uint_le(found, right + right / 8 + 1);
		ck_assert_uint_ge(found + right / 8 + 1, right);
	}
	ck_assert_uint_le(latency_quantile_us(&latency, 999), latency.max_us);
}
END_TEST

START_TEST(no_quantile_is_above_the_longest)
{
	struct latency latency = { .max_us = 9 };

	latency.buckets[bucket_of(9)] = 1;
	ck_assert_uint_le(latency_quantile_us(&latency, 999), 9);
	ck_assert_uint_ge(latency_quantile_us(&latency, 1), 8);
	/* Longer than any bucket has an end. */
	latency.max_us = UINT64_C(1) << 30;
	latency.buckets[PRONG_STATS_BUCKETS - 1] = 5;
	ck_assert_uint_ge(latency_quantile_us(&latency, 999),
	    UINT64_C(1) << 26);
	ck_assert_uint_le(latency_quantile_us(&latency, 999), latency.max_us);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("latency");
	TCase *tcase = tcase_create("latency");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, no_request_has_no_duration);
	tcase_add_test(tcase, a_quantile_is_right_but_for_an_eighth);
	tcase_add_test(tcase, no_quantile_is_above_the_longest);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
