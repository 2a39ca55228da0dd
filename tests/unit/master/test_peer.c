/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/peer.h"

/* A process that has told its number and waits for the end of this one's
 * interest. */
struct relative {
	pid_t child; /* to be waited for */
	pid_t pid;   /* it itself */
	int hold;    /* ends it when it is closed */
};

/* depth: 1 for a child. is_orphan: who stands between has ended. */
static struct relative
beget(int depth, int is_orphan)
{
	struct relative r;
	int told[2], hold[2];
	char octet;

	ck_assert_int_eq(pipe(told), 0);
	ck_assert_int_eq(pipe(hold), 0);
	r.child = fork();
	ck_assert_int_ge(r.child, 0);
	if (r.child == 0) {
		pid_t pid;

		close(hold[1]);
		for (; depth > 1; depth--) {
			pid = fork();
			if (pid > 0) {
				if (!is_orphan)
					waitpid(pid, NULL, 0);
				_exit(0);
			}
		}
		if (is_orphan)
			setsid();
		pid = getpid();
		if (write(told[1], &pid, sizeof(pid)) == sizeof(pid) &&
		    read(hold[0], &octet, 1) == 0)
			_exit(0);
		_exit(1);
	}
	close(told[1]);
	close(hold[0]);
	ck_assert_int_eq(read(told[0], &r.pid, sizeof(r.pid)), sizeof(r.pid));
	close(told[0]);
	if (is_orphan)
		ck_assert_int_eq(waitpid(r.child, NULL, 0), r.child);
	r.hold = hold[1];
	return r;
}

static void
release(const struct relative *r)
{
	close(r->hold);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

START_TEST(those_below_are_mine)
{
	int depth;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (depth = 1; depth <= 4; depth++) {
		struct relative r = beget(depth, 0);

		ck_assert(peer_is_descendant(r.pid));
		release(&r);
	}
}
END_TEST

START_TEST(orphans_below_are_mine)
{
	int depth;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (depth = 2; depth <= 4; depth++) {
		struct relative r = beget(depth, 1);

		ck_assert(peer_is_descendant(r.pid));
		release(&r);
	}
}
END_TEST

/* Without new privileges, or with a filter: both are for good. */
START_TEST(confined_ones_are_known)
{
	int how, hold[2], told[2];
	char octet = 0;
	pid_t pid;

	for (how = 0; how < 2; how++) {
		ck_assert_int_eq(pipe(hold), 0);
		ck_assert_int_eq(pipe(told), 0);
		pid = fork();
		if (pid == 0) {
			close(hold[1]);
			if (how > 0)
				prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			_exit(write(told[1], &octet, 1) == 1 &&
				    read(hold[0], &octet, 1) == 0 ?
				0 :
				1);
		}
		close(told[1]);
		ck_assert_int_eq(read(told[0], &octet, 1), 1);
		/* Where this process is confined so itself, it is none. */
		ck_assert_int_eq(peer_is_more_confined(pid),
		    how > 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
		close(hold[0]);
		close(hold[1]);
		close(told[0]);
		waitpid(pid, NULL, 0);
	}
}
END_TEST

START_TEST(so_am_i)
{
	ck_assert(peer_is_descendant(getpid()));
}
END_TEST

START_TEST(those_above_and_beside_are_not)
{
	struct relative brother = beget(1, 0);
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(peer_is_descendant(brother.pid) ||
		    peer_is_descendant(getppid()));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert(!peer_is_descendant(1) || getpid() == 1);
	/* Of another namespace. */
	ck_assert(!peer_is_descendant(0));
	release(&brother);
}
END_TEST

START_TEST(who_has_ended_counts_as_mine)
{
	struct relative r = beget(1, 0);

	release(&r);
	ck_assert(peer_is_descendant(r.pid));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("peer");
	TCase *tests = tcase_create("peer");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, those_below_are_mine);
	tcase_add_test(tests, orphans_below_are_mine);
	tcase_add_test(tests, confined_ones_are_known);
	tcase_add_test(tests, so_am_i);
	tcase_add_test(tests, those_above_and_beside_are_not);
	tcase_add_test(tests, who_has_ended_counts_as_mine);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
