/*
 * The filter of system calls: what it lets through, refuses and traps, each
 * tried in a process of its own.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <prong/handler.h>

#include "sandbox/filter.h"
#include "sandbox/sanitizer.h"

#define PAGE	4096u
#define TRAPPED (-1) /* instead of an errno */

/* Shared, so that a fork leaves it where it is. */
static char *span;

typedef long attempt(void);

static long
try_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long
try_exec(void)
{
	return execl("/nowhere", "nowhere", (char *)NULL);
}

static long
try_bind(void)
{
	return bind(-1, NULL, 0);
}

static long
try_unknown(void)
{
	return syscall(1000);
}

static long
try_stream_pair(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
}

static long
try_seqpacket_pair(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
}

static long
try_datagram_pair(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds);
}

static long
try_own_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) < 0 ?
	    -1 :
	    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Those that tell a handler. */
static long
try_own_sign(void)
{
	struct rlimit limit = { 0, 0 };

	return setrlimit(RLIMIT_LOCKS, &limit);
}

static long
try_own_other_sign(void)
{
	struct rlimit limit = { 0, 0 };

	return syscall(SYS_setrlimit, RLIMIT_RSS, &limit);
}

static long
try_read_own_sign(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_LOCKS, &limit);
}

static long
try_read_parents_limit(void)
{
	struct rlimit limit;

	return prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit);
}

/* One of those that tell a handler. */
static long
try_read_parents_sign(void)
{
	struct rlimit limit;

	return prlimit(getppid(), RLIMIT_LOCKS, NULL, &limit);
}

static long
try_parents_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	return prlimit(getppid(), RLIMIT_NOFILE, &limit, NULL);
}

static long
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid;
}

static void *
run(void *argument)
{
	return argument;
}

static long
try_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, run, NULL);
	return errno == 0 && pthread_join(thread, NULL) == 0 ? 0 : -1;
}

static long
try_namespace(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
}

static long
remap(void *old, size_t bytes, int flags)
{
	return mremap(old, PAGE, bytes, flags, NULL) == MAP_FAILED ? -1 : 0;
}

static void *
elsewhere(void)
{
	return mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long
try_grow(void)
{
	return remap(elsewhere(), 2 * PAGE, MREMAP_MAYMOVE);
}

static long
try_move(void)
{
	return remap(elsewhere(), PAGE, MREMAP_MAYMOVE | MREMAP_FIXED);
}

static long
try_grow_first_of_span(void)
{
	return remap(span, 2 * PAGE, MREMAP_MAYMOVE);
}

static long
try_grow_last_of_span(void)
{
	return remap(span + 3 * PAGE, 2 * PAGE, MREMAP_MAYMOVE);
}

static long
try_signal(void)
{
	return kill(getppid(), 0);
}

static long
try_own_signal(void)
{
	return kill(getpid(), 0);
}

static long
try_owner(void)
{
	return fcntl(STDOUT_FILENO, F_SETOWN, getppid());
}

static long
try_fcntl(void)
{
	return fcntl(STDOUT_FILENO, F_GETFD);
}

static long
map(int protection, int flags, int fd)
{
	void *p = mmap(NULL, PAGE, protection, flags, fd, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long
try_code(void)
{
	return map(PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static long
try_shared_code(void)
{
	return map(PROT_READ | PROT_EXEC, MAP_SHARED, memfd_create("code", 0));
}

static long
try_library(void)
{
	return map(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static long
try_data(void)
{
	return map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static long
try_data_to_code(void)
{
	return mprotect(span, PAGE, PROT_READ | PROT_EXEC);
}

static long
try_dofork(void)
{
	return madvise(span, PAGE, MADV_DOFORK);
}

static long
try_dontfork(void)
{
	return madvise(span, PAGE, MADV_DONTFORK);
}

static long
try_subreaper(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static long
try_reset(void)
{
	static const sa_family_t none = AF_UNSPEC;

	return connect(STDERR_FILENO, (const void *)&none, sizeof(none));
}

static long
try_connect(void)
{
	static const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	return connect(-1, &nowhere, sizeof(nowhere));
}

/* A kernel whose Landlock is off refuses at once. */
static long
look_at_arguments(long result, int otherwise)
{
	if (result < 0 && errno == EOPNOTSUPP)
		errno = otherwise;
	return result;
}

static long
try_ruleset(void)
{
	return look_at_arguments(syscall(SYS_landlock_create_ruleset, NULL,
				     (size_t)8, 0),
	    EFAULT);
}

static long
try_rule(void)
{
	return look_at_arguments(syscall(SYS_landlock_add_rule, -1, 1, NULL, 0),
	    EBADF);
}

#define ALL (~UINT64_C(0))

static const struct filter_case {
	const char *what;
	attempt *attempt;
	uint64_t needs;
	int outcome; /* errno; 0: it succeeds */
} cases[] = {
	{ "a socket", try_socket, 0, TRAPPED },
	{ "a socket, declared", try_socket, PRONG_NEEDS_NETWORK, 0 },
	{ "a socket, otherwise declared", try_socket, PRONG_NEEDS_PROCESSES,
	    TRAPPED },
	{ "a program", try_exec, 0, TRAPPED },
	{ "a program, declared", try_exec, PRONG_NEEDS_PROCESSES, ENOENT },
	{ "bind", try_bind, PRONG_NEEDS_NETWORK, TRAPPED },
	{ "a call that is not known", try_unknown, ALL, ENOSYS },
	{ "a pair of streams", try_stream_pair, 0, 0 },
	{ "a pair that keeps messages apart", try_seqpacket_pair, 0, 0 },
	{ "a pair of datagram sockets", try_datagram_pair, PRONG_NEEDS_NETWORK,
	    ENOSYS },
	{ "its own limits", try_own_limit, 0, 0 },
	{ "another's limits", try_parents_limit, ALL, ENOSYS },
	{ "to read another's limits", try_read_parents_limit, ALL, ENOSYS },
	{ "to read what another tells by them", try_read_parents_sign, 0, 0 },
	{ "fork", try_fork, 0, 0 },
	{ "a namespace", try_namespace, PRONG_NEEDS_PROCESSES, ENOSYS },
	{ "memory that grows", try_grow, 0, 0 },
	{ "memory that moves where it likes", try_move, 0, ENOSYS },
	{ "memory that must not", try_grow_first_of_span, 0, ENOSYS },
	{ "the end of it", try_grow_last_of_span, 0, ENOSYS },
};

/* Where others have declared everything: by a second filter. */
static const struct confined_case {
	const char *what;
	attempt *attempt;
	struct filter_loss loss; /* needs, forks, signals, memory,
				  * descent, rulesets */
	int outcome;
} confined_cases[] = {
	{ "a socket", try_socket, { PRONG_NEEDS_NETWORK, 0, 0, 0, 0, 0 },
	    TRAPPED },
	{ "a socket beside signals", try_socket,
	    { PRONG_NEEDS_NETWORK, 0, 1, 0, 0, 0 }, TRAPPED },
	{ "a socket without a program", try_socket,
	    { PRONG_NEEDS_PROCESSES, 1, 1, 0, 0, 0 }, 0 },
	{ "a program", try_exec, { PRONG_NEEDS_PROCESSES, 0, 0, 0, 0, 0 },
	    TRAPPED },
	{ "a program without a socket", try_exec,
	    { PRONG_NEEDS_NETWORK, 1, 1, 0, 0, 0 }, ENOENT },
	{ "a program without anything", try_exec, { ALL, 1, 1, 0, 0, 0 },
	    TRAPPED },
	{ "fork", try_fork, { 0, 1, 0, 0, 0, 0 }, EAGAIN },
	{ "fork without anything", try_fork, { ALL, 1, 1, 0, 0, 0 }, EAGAIN },
	{ "fork, to be limited otherwise", try_fork, { ALL, 0, 1, 0, 0, 0 },
	    0 },
	{ "a thread", try_thread, { ALL, 1, 1, 0, 0, 0 }, 0 },
	{ "a signal to the parent", try_signal, { ALL, 1, 0, 0, 0, 0 }, 0 },
	{ "one that is kept in", try_signal, { 0, 0, 1, 0, 0, 0 }, EPERM },
	{ "one that is kept in beside calls", try_signal,
	    { ALL, 1, 1, 0, 0, 0 }, EPERM },
	{ "a signal to itself", try_own_signal, { ALL, 1, 1, 0, 0, 0 }, 0 },
	{ "one by way of a descriptor", try_owner, { ALL, 1, 1, 0, 0, 0 },
	    EPERM },
	{ "another fcntl", try_fcntl, { ALL, 1, 1, 0, 0, 0 }, 0 },
	{ "a call that is not known", try_unknown, { ALL, 1, 1, 0, 0, 0 },
	    ENOSYS },
	{ "nothing", try_signal, { 0, 0, 0, 0, 0, 0 }, 0 },
	{ "code of its own", try_code, { ALL, 1, 1, 0, 1, 0 }, 0 },
	{ "code, by a library", try_library,
	    { 0, 0, 0, ARGUMENT_MEMORY_LIBRARIES, 0, 0 }, 0 },
	{ "code that is written", try_code,
	    { 0, 0, 0, ARGUMENT_MEMORY_LIBRARIES, 0, 0 }, EACCES },
	{ "code that is written elsewhere", try_shared_code,
	    { 0, 0, 1, ARGUMENT_MEMORY_LIBRARIES, 1, 0 }, EACCES },
	{ "code made of data", try_data_to_code,
	    { 0, 0, 0, ARGUMENT_MEMORY_LIBRARIES, 0, 0 }, EACCES },
	{ "code from a file", try_library,
	    { 0, 0, 1, ARGUMENT_MEMORY_NONE, 1, 0 }, EACCES },
	{ "data", try_data, { ALL, 1, 1, ARGUMENT_MEMORY_NONE, 1, 0 }, 0 },
	{ "memory of a fork", try_dofork, { 0, 1, 0, 0, 1, 0 }, EPERM },
	{ "memory of a fork, elsewhere", try_dofork, { 0, 1, 1, 0, 0, 0 }, 0 },
	{ "memory without a fork", try_dontfork, { 0, 1, 1, 0, 1, 0 }, 0 },
	{ "orphans", try_subreaper, { 0, 0, 0, 0, 1, 0 }, EPERM },
	{ "a reset", try_reset, { ALL, 1, 1, ARGUMENT_MEMORY_NONE, 1, 0 },
	    ENOTSOCK },
	{ "connect", try_connect, { ALL, 1, 1, ARGUMENT_MEMORY_NONE, 1, 0 },
	    TRAPPED },
	{ "a limit", try_own_limit, { ALL, 1, 1, 0, 0, 0 }, 0 },
	{ "a limit that tells", try_own_sign,
	    { PRONG_NEEDS_PROCESSES, 0, 0, 0, 0, 0 }, EPERM },
	{ "the other one", try_own_other_sign,
	    { PRONG_NEEDS_PROCESSES, 0, 0, 0, 0, 0 }, EPERM },
	{ "such a limit, read", try_read_own_sign,
	    { PRONG_NEEDS_PROCESSES, 0, 0, 0, 0, 0 }, 0 },
	{ "a limit that tells, with processes", try_own_sign,
	    { PRONG_NEEDS_NETWORK, 0, 0, 0, 0, 0 }, 0 },
	{ "a ruleset", try_ruleset, { 0, 0, 0, 0, 0, 0 }, EFAULT },
	{ "a ruleset, taken away", try_ruleset, { 0, 0, 0, 0, 0, 1 }, ENOSYS },
	{ "a rule", try_rule, { 0, 0, 0, 0, 0, 0 }, EBADF },
	{ "a rule, taken away", try_rule, { 0, 0, 0, 0, 0, 1 }, ENOSYS },
};

/* The exit status: an errno, or 100 when it was trapped. */
static void
note_trap(int signal)
{
	(void)signal;
	_exit(100);
}

static void
try_in_child(const struct filter_case *c, const struct confined_case *second)
{
	struct filter_span fixed = { span, 4 * PAGE };

	signal(SIGSYS, note_trap);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    filter_load(c->needs, false, second, &fixed) < 0)
		_exit(101);
	if (second && filter_confine(&second->loss) < 0)
		_exit(102);
	_exit(c->attempt() < 0 ? errno : 0);
}

static void
check_case(const struct filter_case *c, const struct confined_case *second)
{
	int status, want = c->outcome == TRAPPED ? 100 : c->outcome;
	pid_t pid = fork();

	if (pid == 0)
		try_in_child(c, second);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "%s: signal %d", c->what,
	    WTERMSIG(status));
	ck_assert_msg(WEXITSTATUS(status) == want, "%s: %d, not %d", c->what,
	    WEXITSTATUS(status), want);
}

START_TEST(calls_are_let_through_or_not)
{
	check_case(&cases[_i], NULL);
}
END_TEST

START_TEST(a_second_filter_takes_away_what_others_need)
{
	const struct confined_case *second = &confined_cases[_i];
	const struct filter_case c = { second->what, second->attempt, ALL,
		second->outcome };

	check_case(&c, second);
}
END_TEST

/* In check's own process for the test, which ends with it. */
START_TEST(trapped_calls_have_names)
{
	struct filter_span none = { NULL, 0 };

	sanitizer_note_sandbox();
	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(filter_load(PRONG_NEEDS_PROCESSES, false, false,
			     &none),
	    0);
	ck_assert_str_eq(filter_name(SYS_socket), "socket");
	ck_assert_str_eq(filter_permit(SYS_socket), "PRONG_NEEDS_NETWORK");
	ck_assert_str_eq(filter_name(SYS_ptrace), "ptrace");
	ck_assert_ptr_null(filter_permit(SYS_ptrace));
	ck_assert_str_eq(filter_name(SYS_execve), "execve");
	ck_assert_str_eq(filter_permit(SYS_execve), "PRONG_NEEDS_PROCESSES");
	ck_assert_ptr_null(filter_name(SYS_read));
	ck_assert_ptr_null(filter_name(-1));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tcase = tcase_create("filter");
	SRunner *runner = srunner_create(suite);

	span = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, calls_are_let_through_or_not, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_loop_test(tcase, a_second_filter_takes_away_what_others_need,
	    0, (int)(sizeof(confined_cases) / sizeof(confined_cases[0])));
	tcase_add_test(tcase, trapped_calls_have_names);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
