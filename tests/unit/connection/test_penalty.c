/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connection/penalty.h"

static struct address_key
key(unsigned n)
{
	struct address_key k = { { 0 } };

	memcpy(k.bytes, &n, sizeof(n));
	return k;
}

/* They live as long as the process; the leak checker finds them here. */
static struct penalties *
new_penalties(void)
{
	static struct penalties *volatile kept;

	kept = penalties_new(1000, NULL);
	return kept;
}

START_TEST(doubles_from_the_third_crash_up_to_a_bound)
{
	static const int64_t expected[] = { 0, 0, 1000, 2000, 4000, 8000, 16000,
		32000, 64000, 128000, 256000, 512000, 600000, 600000 };
	struct penalties *p = new_penalties();
	size_t i;

	ck_assert_ptr_nonnull(p);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_int_eq(penalty_add(p, key(1), "one", 1), expected[i]);
}
END_TEST

START_TEST(applies_until_its_end_and_to_nobody_else)
{
	struct penalties *p = new_penalties();
	int i;

	for (i = 0; i < 3; i++) {
		ck_assert(!penalty_left_ms(p, key(1), "one", 50));
		penalty_add(p, key(1), "one", 50);
	}
	ck_assert(penalty_left_ms(p, key(1), "one", 50));
	ck_assert(penalty_left_ms(p, key(1), "one", 1049));
	ck_assert(!penalty_left_ms(p, key(1), "one", 1050));
	ck_assert(!penalty_left_ms(p, key(2), "one", 50));
}
END_TEST

START_TEST(is_forgotten_after_a_time_of_peace)
{
	struct penalties *p = new_penalties();
	int64_t later = 1000 + PENALTY_MEMORY_MS;
	int i;

	for (i = 0; i < 3; i++)
		penalty_add(p, key(1), "one", 0);
	ck_assert_int_eq(penalty_add(p, key(1), "one", later - 1), 2000);
	later += 2000 + PENALTY_MEMORY_MS;
	ck_assert_int_eq(penalty_add(p, key(1), "one", later), 0);
}
END_TEST

/* Many clients that crash once do not push out one that is being refused. */
START_TEST(keeps_the_worst_when_the_table_is_full)
{
	struct penalties *p = new_penalties();
	unsigned i;

	for (i = 0; i < 12; i++)
		penalty_add(p, key(0), "one", 0);
	for (i = 1; i <= 20 * PENALTY_ENTRIES; i++)
		penalty_add(p, key(i), "one", 1);
	ck_assert(penalty_left_ms(p, key(0), "one", 2));
}
END_TEST

START_TEST(is_of_one_handler)
{
	struct penalties *p = new_penalties();
	int i;

	ck_assert(!penalties_any(p));
	for (i = 0; i < 3; i++)
		penalty_add(p, key(1), "one", 0);
	ck_assert(penalties_any(p));
	ck_assert_int_eq(penalty_left_ms(p, key(1), "one", 400), 600);
	ck_assert_int_eq(penalty_left_ms(p, key(1), "two", 400), 0);
	ck_assert_int_eq(penalty_left_ms(p, key(1), NULL, 400), 0);
	for (i = 0; i < 3; i++)
		penalty_add(p, key(1), NULL, 0);
	ck_assert_int_eq(penalty_left_ms(p, key(1), NULL, 400), 600);
}
END_TEST

static int
look(const struct penalties *p)
{
	return penalty_left_ms(p, key(1), "one", 1) == 1000 - 1 ? 0 : 1;
}

/* A process that was forked before sees a penalty. */
START_TEST(is_seen_by_a_process_that_is_older)
{
	struct penalties *p = new_penalties();
	int i, status, ready[2];
	char octet;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0)
		_exit(read(ready[0], &octet, 1) == 1 ? look(p) : 2);
	for (i = 0; i < 3; i++)
		penalty_add(p, key(1), "one", 0);
	ck_assert_int_eq(write(ready[1], "x", 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
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
	tcase_add_test(t, is_of_one_handler);
	tcase_add_test(t, is_seen_by_a_process_that_is_older);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
