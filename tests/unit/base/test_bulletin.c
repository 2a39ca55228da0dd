/*
 * Bulletin: what the master says of reloads, and who can write it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bulletin.h"

START_TEST(only_the_master_writes_it)
{
	struct bulletin *b = NULL, copy;
	const struct bulletin *shown;
	int fd = bulletin_new(&b, -1);

	ck_assert_int_ge(fd, 0);
	shown = bulletin_map(fd);
	ck_assert_ptr_nonnull(shown);
	bulletin_enter(b, BULLETIN_RELOAD, true, 12, "no such file");
	ck_assert(bulletin_read(shown, &copy));
	ck_assert_uint_eq(copy.failed, 1);
	ck_assert_uint_eq(copy.succeeded, 0);
	ck_assert_uint_eq(copy.last.took_ms, 12);
	ck_assert_str_eq(copy.last.message, "no such file");
	ck_assert_int_lt(mprotect((void *)(uintptr_t)shown, sizeof(*shown),
			     PROT_READ | PROT_WRITE),
	    0);
	ck_assert_ptr_eq(mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE,
			     MAP_SHARED, fd, 0),
	    MAP_FAILED);
	ck_assert_int_lt((int)pwrite(fd, "x", 1, 0), 0);
	ck_assert_int_lt(ftruncate(fd, 0), 0);
	close(fd);
}
END_TEST

START_TEST(the_next_release_goes_on)
{
	struct bulletin *b = NULL, *next = NULL;
	int fd = bulletin_new(&b, -1), after;

	bulletin_enter(b, BULLETIN_START, false, 1, "generation 1 is ready");
	bulletin_enter(b, BULLETIN_RELOAD, true, 2, "no");
	after = bulletin_new(&next, fd);
	ck_assert_int_ge(after, 0);
	ck_assert_uint_eq(next->succeeded, 1);
	ck_assert_uint_eq(next->failed, 1);
	ck_assert_uint_eq(next->last.has_failed, 1);
	close(fd);
	close(after);
}
END_TEST

/* A master that has ended in the midst of a change. */
START_TEST(half_a_change_is_not_read)
{
	struct bulletin *b = NULL, copy;
	int fd = bulletin_new(&b, -1);

	bulletin_turn(b);
	ck_assert(!bulletin_read(b, &copy));
	bulletin_turn(b);
	ck_assert(bulletin_read(b, &copy));
	ck_assert(!bulletin_read(NULL, &copy));
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bulletin");
	TCase *tcase = tcase_create("bulletin");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, only_the_master_writes_it);
	tcase_add_test(tcase, the_next_release_goes_on);
	tcase_add_test(tcase, half_a_change_is_not_read);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
