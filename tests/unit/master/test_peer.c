/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
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

/*
 * Peers of a socket. The process that judges is forked: all others here are
 * beside it.
 */

#define REUSE_TRIES 2000

/* Connects to the path, and stays. */
static pid_t
connect_from_a_child(const struct sockaddr_un *address)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (connect(fd, (const struct sockaddr *)address,
			sizeof(*address)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	return pid;
}

/* A connection of a child, which stays. */
static int
accept_from_a_child(pid_t *pid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(address.sun_path, sizeof(address.sun_path),
	    "/tmp/test-peer-%ld", (long)getpid());
	unlink(address.sun_path);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	ck_assert_int_eq(listen(listener, 1), 0);
	*pid = connect_from_a_child(&address);
	fd = accept(listener, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	unlink(address.sun_path);
	close(listener);
	return fd;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* Whether the judge refuses with these words; NULL: that it does not. */
static bool
judges(int fd, const char *words)
{
	pid_t judge = fork();
	int status;

	ck_assert_int_ge(judge, 0);
	if (judge == 0) {
		const char *refusal = peer_refusal(fd, (gid_t)-1);

		_exit(words ? !refusal || !strstr(refusal, words) : !!refusal);
	}
	ck_assert_int_eq(waitpid(judge, &status, 0), judge);
	return status == 0;
}

START_TEST(a_peer_beside_may_ask)
{
	pid_t pid;
	int fd = accept_from_a_child(&pid);

	ck_assert(judges(fd, NULL));
	end(pid);
	close(fd);
}
END_TEST

START_TEST(a_peer_below_may_not)
{
	pid_t pid;
	int fd = accept_from_a_child(&pid);

	ck_assert_str_eq(peer_refusal(fd, (gid_t)-1),
	    "no process of prongd's own may ask");
	end(pid);
	close(fd);
}
END_TEST

/* Whether it was waited for or not. */
START_TEST(a_peer_that_has_ended_may_not)
{
	siginfo_t info;
	pid_t pid;
	int fd = accept_from_a_child(&pid);

	kill(pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert(judges(fd, "has ended"));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(judges(fd, "has ended"));
	close(fd);
}
END_TEST

/* A child with that number; 0: that cannot be had. */
static pid_t
beget_with_number(pid_t wanted)
{
	int tries;

	for (tries = 0; tries < REUSE_TRIES; tries++) {
		FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");
		pid_t pid;

		if (!f)
			return 0;
		fprintf(f, "%ld", (long)wanted - 1);
		if (fclose(f) != 0)
			return 0;
		pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		if (pid == wanted)
			return pid;
		end(pid);
	}
	return 0;
}

START_TEST(a_number_that_is_used_again_does_not_pass)
{
	pid_t pid, next;
	int fd = accept_from_a_child(&pid);

	end(pid);
	next = beget_with_number(pid);
	if (next > 0) {
		ck_assert(judges(fd, "has ended"));
		end(next);
	}
	close(fd);
}
END_TEST

START_TEST(a_process_is_told_from_the_next_of_its_number)
{
	struct peer_process process;
	unsigned long long started;
	pid_t pid, next;
	int fd = accept_from_a_child(&pid);

	ck_assert(peer_hold_number(&process, pid));
	started = process.started;
	ck_assert_uint_gt(started, 0);
	ck_assert(peer_release(&process));
	/* The start is told in ticks of 10 ms. */
	usleep(30000);
	end(pid);
	ck_assert(!peer_release(&process));
	ck_assert(!peer_hold_number(&process, pid));
	ck_assert_int_eq(errno, ESRCH);
	process.started = started;
	next = beget_with_number(pid);
	if (next > 0) {
		ck_assert(!peer_release(&process));
		end(next);
	}
	close(fd);
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
	tcase_add_test(tests, a_peer_beside_may_ask);
	tcase_add_test(tests, a_peer_below_may_not);
	tcase_add_test(tests, a_peer_that_has_ended_may_not);
	tcase_add_test(tests, a_number_that_is_used_again_does_not_pass);
	tcase_add_test(tests, a_process_is_told_from_the_next_of_its_number);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
