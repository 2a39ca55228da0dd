/*
 * The memory that must not be moved or grow: wherever it lies, also on both sides
 * of a border of 4 GiB, where the two halves of an address differ. The address
 * space around the border is reserved, so that it is the same everywhere.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/filter.h"

#define PAGE	  4096
#define GIB	  (INT64_C(1) << 30)
#define FOUR_GIB  (4 * GIB)
#define RESERVED  (20 * GIB)
#define NEAR_PAGE (16 * PAGE)

/* Three borders in the reserved memory; the first one is here. */
static char *border;

/* Octets from the border. */
static const struct span_case {
	const char *what;
	int64_t begin, end, tried;
	int outcome; /* of memory that grows there; errno, 0: it does */
} cases[] = {
	{ "the first page", -4 * PAGE, 4 * PAGE, -4 * PAGE, ENOSYS },
	{ "the last one before the border", -4 * PAGE, 4 * PAGE, -PAGE,
	    ENOSYS },
	{ "the first one behind it", -4 * PAGE, 4 * PAGE, 0, ENOSYS },
	{ "the last page", -4 * PAGE, 4 * PAGE, 3 * PAGE, ENOSYS },
	{ "memory before", -4 * PAGE, 4 * PAGE, -5 * PAGE, 0 },
	{ "memory behind", -4 * PAGE, 4 * PAGE, 4 * PAGE, 0 },
	{ "memory 4 GiB before the second half", -4 * PAGE, 4 * PAGE,
	    2 * PAGE - FOUR_GIB, 0 },
	{ "memory 4 GiB before the first half", -4 * PAGE, 4 * PAGE,
	    -2 * PAGE - FOUR_GIB, 0 },
	{ "memory 4 GiB behind the first half", -4 * PAGE, 4 * PAGE,
	    FOUR_GIB - 2 * PAGE, 0 },
	{ "memory 4 GiB behind the second half", -4 * PAGE, 4 * PAGE,
	    FOUR_GIB + 2 * PAGE, 0 },

	{ "the first page, at the border", 0, 4 * PAGE, 0, ENOSYS },
	{ "memory before the border", 0, 4 * PAGE, -PAGE, 0 },
	{ "the last page, at the border", -4 * PAGE, 0, -PAGE, ENOSYS },
	{ "memory behind the border", -4 * PAGE, 0, 0, 0 },

	/* On both sides of two borders. */
	{ "the first page of much", -PAGE, FOUR_GIB + PAGE, -PAGE, ENOSYS },
	{ "the beginning of its middle", -PAGE, FOUR_GIB + PAGE, 0, ENOSYS },
	{ "its middle", -PAGE, FOUR_GIB + PAGE, FOUR_GIB / 2, ENOSYS },
	{ "the end of its middle", -PAGE, FOUR_GIB + PAGE, FOUR_GIB - PAGE,
	    ENOSYS },
	{ "its last page", -PAGE, FOUR_GIB + PAGE, FOUR_GIB, ENOSYS },
	{ "memory before it", -PAGE, FOUR_GIB + PAGE, -2 * PAGE, 0 },
	{ "memory behind it", -PAGE, FOUR_GIB + PAGE, FOUR_GIB + PAGE, 0 },

	{ "any memory where there is none", 0, 0, 0, 0 },
};

static bool
reserve(void)
{
	char *p = mmap(NULL, RESERVED, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	const uintptr_t low = (uintptr_t)p + FOUR_GIB + NEAR_PAGE;

	if (p == MAP_FAILED)
		return false;
	border = p + (((low | UINT32_MAX) + 1) - (uintptr_t)p);
	return true;
}

/* The exit status: an errno. */
static void
try_in_child(const struct span_case *c)
{
	const struct filter_span fixed = { border + c->begin,
		(size_t)(c->end - c->begin) };
	char *page = border + c->tried;

	if (mmap(page, PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    filter_load(0, false, false, &fixed) < 0)
		_exit(101);
	_exit(mremap(page, PAGE, (size_t)2 * PAGE, MREMAP_MAYMOVE) ==
		    MAP_FAILED ?
		errno :
		0);
}

START_TEST(memory_grows_or_not)
{
	const struct span_case *c = &cases[_i];
	int status;
	pid_t pid;

	ck_assert(reserve());
	pid = fork();
	if (pid == 0)
		try_in_child(c);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "%s: signal %d", c->what,
	    WTERMSIG(status));
	ck_assert_msg(WEXITSTATUS(status) == c->outcome, "%s: %d, not %d",
	    c->what, WEXITSTATUS(status), c->outcome);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("filter_span");
	TCase *tcase = tcase_create("filter_span");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, memory_grows_or_not, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
