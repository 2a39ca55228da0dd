/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connection/first_handler.h"

/* Ends a child that has done that, and leaves it to be waited for. */
static pid_t
ended_after(void (*act)(void))
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0) {
		act();
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(info.si_code, CLD_KILLED);
	return pid;
}

static void
nothing(void)
{
}

static void
tell(void)
{
	first_handler_tell(7);
}

static void
tell_the_first(void)
{
	first_handler_tell(0);
}

static void
tell_twice(void)
{
	first_handler_tell(7);
	first_handler_tell(8);
	first_handler_tell(6);
}

static void
lower(int resource, rlim_t by)
{
	struct rlimit limit;

	getrlimit((__rlimit_resource_t)resource, &limit);
	limit.rlim_max -= by;
	limit.rlim_cur = limit.rlim_max;
	setrlimit((__rlimit_resource_t)resource, &limit);
}

static void
lower_one(void)
{
	tell();
	lower(RLIMIT_RSS, 1);
}

static void
lower_the_other(void)
{
	tell();
	lower(RLIMIT_LOCKS, 1);
}

static void
lower_both(void)
{
	tell();
	lower(RLIMIT_RSS, 1);
	lower(RLIMIT_LOCKS, 1);
}

/* What a process has done, and the index that is believed; -1: none. */
static const struct {
	void (*act)(void);
	int64_t index;
} acts[] = {
	{ nothing, -1 },
	{ tell, 7 },
	{ tell_the_first, 0 },
	{ lower_one, -1 },
	{ lower_the_other, -1 },
	{ lower_both, -1 },
};

START_TEST(is_believed_once)
{
	uint64_t index = 0;
	bool told;
	pid_t pid;

	ck_assert_int_eq(first_handler_open(10), 0);
	pid = ended_after(acts[_i].act);
	told = first_handler_of(pid, &index);
	ck_assert_int_eq(told, acts[_i].index >= 0);
	if (told)
		ck_assert_int_eq((int64_t)index, acts[_i].index);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

/* Whoever may raise limits can tell again; the user that serves may not. */
START_TEST(cannot_be_told_again)
{
	uint64_t index = 0;
	pid_t pid;

	if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
		return;
	ck_assert_int_eq(first_handler_open(10), 0);
	pid = ended_after(tell_twice);
	ck_assert(first_handler_of(pid, &index));
	ck_assert_uint_eq(index, 7);
}
END_TEST

static void
limit_to(int resource, rlim_t max)
{
	const struct rlimit limit = { max, max };

	ck_assert_int_eq(setrlimit((__rlimit_resource_t)resource, &limit), 0);
}

START_TEST(lives_with_low_limits)
{
	uint64_t index = 0;
	pid_t pid;

	limit_to(RLIMIT_RSS, 100);
	limit_to(RLIMIT_LOCKS, 50);
	ck_assert_int_eq(first_handler_open(10), 0);
	pid = ended_after(nothing);
	ck_assert(!first_handler_of(pid, &index));
	pid = ended_after(tell);
	ck_assert(first_handler_of(pid, &index));
	ck_assert_uint_eq(index, 7);
}
END_TEST

START_TEST(says_that_limits_are_too_low)
{
	uint64_t index = 0;
	pid_t pid;

	limit_to(RLIMIT_LOCKS, 10);
	ck_assert_int_eq(first_handler_open(10), -1);
	pid = ended_after(tell);
	ck_assert(!first_handler_of(pid, &index));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("first_handler");
	Suite *s = suite_create("first_handler");
	SRunner *r;

	tcase_add_loop_test(t, is_believed_once, 0,
	    sizeof(acts) / sizeof(acts[0]));
	tcase_add_test(t, cannot_be_told_again);
	tcase_add_test(t, lives_with_low_limits);
	tcase_add_test(t, says_that_limits_are_too_low);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
