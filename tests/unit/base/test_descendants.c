/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descendants.h"

static pid_t found[10000];
static size_t count;

static void
note(void *context, pid_t pid)
{
	(void)context;
	ck_assert_uint_lt(count, sizeof(found) / sizeof(found[0]));
	found[count++] = pid;
}

/* A list that is longer than any buffer, by a file that looks like the kernel's. */
START_TEST(reads_a_long_list_whole)
{
	enum { PIDS = 9000 };
	int fd = memfd_create("list", 0), i;

	for (i = 1; i <= PIDS; i++)
		ck_assert_int_gt(dprintf(fd, "%d ", i * 400), 0);
	for (int again = 0; again < 2; again++) {
		count = 0;
		ck_assert_int_eq(descendants_read_list(fd, note, NULL), 0);
		ck_assert_uint_eq(count, PIDS);
		for (i = 1; i <= PIDS; i++)
			ck_assert_int_eq(found[i - 1], i * 400);
	}
	close(fd);
}
END_TEST

/* Two children, of which each has a child of its own. */
START_TEST(finds_children_of_children)
{
	int hold[2], told[2], i;
	char octet = 0;

	ck_assert_int_eq(pipe(hold), 0);
	ck_assert_int_eq(pipe(told), 0);
	for (i = 0; i < 2; i++) {
		if (fork() > 0)
			continue;
		fork();
		close(hold[1]);
		if (write(told[1], &octet, 1) == 1 &&
		    read(hold[0], &octet, 1) == 0)
			while (wait(NULL) > 0)
				continue;
		_exit(0);
	}
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(read(told[0], &octet, 1), 1);
	count = 0;
	ck_assert_int_eq(descendants_visit(getpid(), note, NULL), 0);
	ck_assert_uint_eq(count, 4);
	close(hold[1]);
	while (wait(NULL) > 0)
		continue;
	count = 0;
	ck_assert_int_eq(descendants_visit(getpid(), note, NULL), 0);
	ck_assert_uint_eq(count, 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("descendants");
	Suite *s = suite_create("descendants");
	SRunner *r;

	tcase_add_test(t, reads_a_long_list_whole);
	tcase_add_test(t, finds_children_of_children);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	/* The library's own children would be found, too. */
	srunner_set_fork_status(r, CK_NOFORK);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
