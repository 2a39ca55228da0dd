/*
 * Arguments of system calls: what is let through, and with which error the rest
 * fails, each tried in a process of its own.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <prong/handler.h>

#include "sandbox/argument.h"
#include "sandbox/program.h"
#include "sandbox/refusal.h"

/* A call with these arguments gets past the filter to the kernel, which says
 * what it says, or it fails with that error. */
static const struct argument_case {
	const char *what;
	long call;
	long a, b, c, d;
	int error; /* 0: it is let through */
} cases[] = {
	{ "TCP", SYS_socket, AF_INET, SOCK_STREAM, 0, 0, 0 },
	{ "TCP, by number", SYS_socket, AF_INET6, SOCK_STREAM, IPPROTO_TCP, 0,
	    0 },
	{ "TCP with flags", SYS_socket, AF_INET,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP, 0, 0 },
	{ "UDP", SYS_socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP,
	    0, 0 },
	{ "Unix", SYS_socket, AF_UNIX, SOCK_SEQPACKET, 0, 0, 0 },
	{ "addresses of the machine", SYS_socket, AF_NETLINK,
	    SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE, 0, EAFNOSUPPORT },
	{ "MPTCP", SYS_socket, AF_INET, SOCK_STREAM, 262, 0, EAFNOSUPPORT },
	{ "MPTCP with flags", SYS_socket, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK,
	    262, 0, EAFNOSUPPORT },
	{ "SCTP", SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_SCTP, 0,
	    EAFNOSUPPORT },
	{ "SMC", SYS_socket, 43, SOCK_STREAM, 0, 0, EAFNOSUPPORT },
	{ "VSOCK", SYS_socket, 40, SOCK_STREAM, 0, 0, EAFNOSUPPORT },
	{ "ALG", SYS_socket, 38, SOCK_SEQPACKET, 0, 0, EAFNOSUPPORT },
	{ "packets", SYS_socket, AF_PACKET, SOCK_DGRAM, 0, 0, EAFNOSUPPORT },
	{ "ping", SYS_socket, AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 0,
	    EAFNOSUPPORT },
	{ "UDP-Lite", SYS_socket, AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, 0,
	    EAFNOSUPPORT },
	{ "raw", SYS_socket, AF_INET, SOCK_RAW, IPPROTO_TCP, 0, EAFNOSUPPORT },
	{ "audit", SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT, 0,
	    EAFNOSUPPORT },
	{ "diagnosis", SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG, 0,
	    EAFNOSUPPORT },
	{ "an odd type", SYS_socket, AF_INET, SOCK_PACKET, 0, 0, EAFNOSUPPORT },

	{ "data in the first packet", SYS_sendto, -1, 0, 0, MSG_FASTOPEN,
	    EOPNOTSUPP },
	{ "the same among flags", SYS_sendto, -1, 0, 0,
	    MSG_NOSIGNAL | MSG_FASTOPEN | MSG_DONTWAIT, EOPNOTSUPP },
	{ "the same by sendmsg", SYS_sendmsg, -1, 0, MSG_FASTOPEN, 0,
	    EOPNOTSUPP },
	{ "the same by sendmmsg", SYS_sendmmsg, -1, 0, 1, MSG_FASTOPEN,
	    EOPNOTSUPP },
	{ "data", SYS_sendto, -1, 0, 0, MSG_NOSIGNAL | MSG_DONTWAIT, 0 },
	{ "a message", SYS_sendmsg, -1, 0, MSG_NOSIGNAL | MSG_MORE, 0, 0 },

	{ "SO_LINGER", SYS_setsockopt, -1, SOL_SOCKET, SO_LINGER, 0,
	    ENOPROTOOPT },
	{ "SO_MARK", SYS_setsockopt, -1, SOL_SOCKET, SO_MARK, 0, ENOPROTOOPT },
	{ "SO_BUSY_POLL", SYS_setsockopt, -1, SOL_SOCKET, SO_BUSY_POLL, 0,
	    ENOPROTOOPT },
	{ "SO_PRIORITY", SYS_setsockopt, -1, SOL_SOCKET, SO_PRIORITY, 0,
	    ENOPROTOOPT },
	{ "SO_BINDTODEVICE", SYS_setsockopt, -1, SOL_SOCKET, SO_BINDTODEVICE, 0,
	    ENOPROTOOPT },
	{ "SO_ATTACH_FILTER", SYS_setsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER,
	    0, ENOPROTOOPT },
	{ "SO_ZEROCOPY", SYS_setsockopt, -1, SOL_SOCKET, SO_ZEROCOPY, 0,
	    ENOPROTOOPT },
	{ "TCP_FASTOPEN_CONNECT", SYS_setsockopt, -1, IPPROTO_TCP,
	    TCP_FASTOPEN_CONNECT, 0, ENOPROTOOPT },
	{ "TCP_REPAIR", SYS_setsockopt, -1, IPPROTO_TCP, TCP_REPAIR, 0,
	    ENOPROTOOPT },
	{ "TCP_ULP", SYS_setsockopt, -1, IPPROTO_TCP, TCP_ULP, 0, ENOPROTOOPT },
	{ "TCP_LINGER2", SYS_setsockopt, -1, IPPROTO_TCP, TCP_LINGER2, 0,
	    ENOPROTOOPT },
	{ "TCP_CONGESTION", SYS_setsockopt, -1, IPPROTO_TCP, TCP_CONGESTION, 0,
	    ENOPROTOOPT },
	{ "IP_OPTIONS", SYS_setsockopt, -1, IPPROTO_IP, IP_OPTIONS, 0,
	    ENOPROTOOPT },
	{ "IP_TRANSPARENT", SYS_setsockopt, -1, IPPROTO_IP, IP_TRANSPARENT, 0,
	    ENOPROTOOPT },
	{ "UDP_CORK", SYS_setsockopt, -1, IPPROTO_UDP, 1, 0, ENOPROTOOPT },
	{ "TCP_NODELAY", SYS_setsockopt, -1, IPPROTO_TCP, TCP_NODELAY, 0, 0 },
	{ "SO_KEEPALIVE", SYS_setsockopt, -1, SOL_SOCKET, SO_KEEPALIVE, 0, 0 },
	{ "SO_RCVTIMEO", SYS_setsockopt, -1, SOL_SOCKET, SO_RCVTIMEO, 0, 0 },
	{ "IP_RECVERR", SYS_setsockopt, -1, IPPROTO_IP, IP_RECVERR, 0, 0 },

	{ "a set-user-id bit", SYS_fchmod, -1, 04755, 0, 0, EPERM },
	{ "a set-group-id bit", SYS_fchmod, -1, 02755, 0, 0, EPERM },
	{ "both", SYS_fchmodat, -1, 0, 06755, 0, EPERM },
	{ "a usual mode", SYS_fchmod, -1, 01755, 0, 0, 0 },
	{ "a new file", SYS_openat, -1, 0, O_CREAT | O_WRONLY, 0644, 0 },
	{ "a new set-user-id file", SYS_openat, -1, 0, O_CREAT | O_WRONLY,
	    04755, EPERM },
	{ "one without a name", SYS_openat, -1, 0, O_TMPFILE | O_WRONLY, 02755,
	    EPERM },
	{ "an old file and any mode", SYS_openat, -1, 0, O_RDONLY, 04755, 0 },
#ifdef SYS_open
	{ "chmod", SYS_chmod, 0, 04755, 0, 0, EPERM },
	{ "creat", SYS_creat, 0, 02755, 0, 0, EPERM },
	{ "open", SYS_open, 0, O_CREAT | O_EXCL | O_WRONLY, 04755, 0, EPERM },
	{ "inotify_init", SYS_inotify_init, 0, 0, 0, 0, EMFILE },
#endif
	{ "inotify", SYS_inotify_init1, 0, 0, 0, 0, EMFILE },
	{ "a descriptor of a peer", SYS_getsockopt, -1, SOL_SOCKET, 77, 0,
	    ENOPROTOOPT },
	{ "the credentials of a peer", SYS_getsockopt, -1, SOL_SOCKET,
	    SO_PEERCRED, 0, 0 },
	{ "a descriptor of a child", SYS_clone, 0x1000, 0, 0, 0, EINVAL },
	{ "a descriptor of signals", SYS_signalfd4, -1, 0, 8, 0, ENOSYS },

	{ "a name", SYS_prctl, PR_SET_NAME, 0, 0, 0, 0 },
	{ "no core file", SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0 },
	{ "a core file", SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, EINVAL },
	{ "a tracer", SYS_prctl, PR_SET_PTRACER, -1, 0, 0, EINVAL },
	{ "the map of memory", SYS_prctl, PR_SET_MM, PR_SET_MM_BRK, 0, 0,
	    EINVAL },
	{ "capabilities", SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0, 0,
	    EINVAL },
	{ "an option that nobody knows", SYS_prctl, 7777, 0, 0, 0, EINVAL },

	{ "pages of a pipe", SYS_fcntl, -1, F_SETPIPE_SZ, 1 << 20, 0, EPERM },
	{ "a lease", SYS_fcntl, -1, F_SETLEASE, F_RDLCK, 0, EPERM },
	{ "news of a folder", SYS_fcntl, -1, F_NOTIFY, 1, 0, EPERM },
	{ "flags", SYS_fcntl, -1, F_SETFL, O_NONBLOCK, 0, 0 },
	{ "a lock", SYS_fcntl, -1, F_OFD_SETLK, 0, 0, 0 },

	{ "a file of huge pages", SYS_memfd_create, 0, MFD_HUGETLB, 0, 0,
	    ENOMEM },
	{ "a file of memory", SYS_memfd_create, 0, MFD_CLOEXEC, 0, 0, 0 },
	{ "pages like others'", SYS_madvise, 0, 4096, MADV_MERGEABLE, 0,
	    EINVAL },
};

#define COUNT (sizeof(cases) / sizeof(cases[0]))

/* More cases, of memory that is executable: by the needs of the handlers. */
static const struct memory_case {
	uint64_t needs;
	long protection, flags;
	int error;
	int change; /* the same by mprotect */
} memory_cases[] = {
	{ 0, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, 0 },
	{ 0, PROT_READ, MAP_PRIVATE | MAP_HUGETLB, ENOMEM, 0 },
	{ PRONG_NEEDS_NETWORK, PROT_READ, MAP_SHARED | MAP_HUGETLB, ENOMEM, 0 },
	{ PRONG_NEEDS_PROCESSES, PROT_READ, MAP_PRIVATE | MAP_HUGETLB, ENOMEM,
	    0 },
	{ 0, PROT_READ | PROT_EXEC, MAP_PRIVATE, EACCES, EACCES },
	{ 0, PROT_WRITE | PROT_EXEC, MAP_PRIVATE, EACCES, EACCES },
	{ 0, PROT_EXEC, MAP_SHARED, EACCES, EACCES },
	{ PRONG_NEEDS_THREADS, PROT_EXEC, MAP_PRIVATE, EACCES, EACCES },
	{ PRONG_NEEDS_NETWORK, PROT_READ | PROT_EXEC, MAP_PRIVATE, 0, EACCES },
	{ PRONG_NEEDS_NETWORK, PROT_READ | PROT_EXEC, MAP_SHARED, EACCES,
	    EACCES },
	{ PRONG_NEEDS_NETWORK, PROT_WRITE | PROT_EXEC, MAP_PRIVATE, EACCES,
	    EACCES },
	{ PRONG_NEEDS_PROCESSES, PROT_WRITE | PROT_EXEC, MAP_PRIVATE, 0, 0 },
	{ PRONG_NEEDS_EXECUTABLE_MEMORY, PROT_WRITE | PROT_EXEC, MAP_SHARED, 0,
	    0 },
};

#define MEMORY_COUNT (sizeof(memory_cases) / sizeof(memory_cases[0]))

static void
take_refusal(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	if (!refusal_take(info, context, "test"))
		_exit(100);
}

static void
load(uint64_t needs)
{
	struct sigaction action = { .sa_sigaction = take_refusal,
		.sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &action, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    argument_load(&(struct program){ 0 }, needs,
		!(needs & PRONG_NEEDS_PROCESSES)) < 0)
		_exit(101);
}

/* The errno of the call, 0 when it has succeeded. */
static int
try_call(const struct argument_case *c)
{
	return syscall(c->call, c->a, c->b, c->c, c->d, -1, 0) < 0 ? errno : 0;
}

/* What the kernel says without a filter is what it says when the call is let
 * through. */
static int
run(const struct argument_case *c, uint64_t needs, bool is_filtered)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (is_filtered)
			load(needs);
		_exit(try_call(c));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "%s: signal %d", c->what,
	    WTERMSIG(status));
	return WEXITSTATUS(status);
}

static void
check_case(const struct argument_case *c, uint64_t needs)
{
	int want = c->error ? c->error : run(c, needs, false);
	int got = run(c, needs, true);

	ck_assert_msg(got == want, "%s: %d, not %d", c->what, got, want);
}

START_TEST(arguments_are_let_through_or_not)
{
	check_case(&cases[_i], 0);
	/* With programs there is no signal, and the same error. */
	check_case(&cases[_i], ~UINT64_C(0));
}
END_TEST

START_TEST(memory_is_executable_or_not)
{
	const struct memory_case *m = &memory_cases[_i];
	const struct argument_case mapped = { "mmap", SYS_mmap, 0, 4096,
		m->protection, m->flags | MAP_ANONYMOUS, m->error };
	const struct argument_case changed = { "mprotect", SYS_mprotect, 0,
		4096, m->protection, 0, m->change };

	check_case(&mapped, m->needs);
	check_case(&changed, m->needs);
}
END_TEST

START_TEST(rules_are_explained)
{
	const char *name, *permit;

	ck_assert_ptr_nonnull(argument_explain(SYS_socket, EAFNOSUPPORT, &name,
	    &permit));
	ck_assert_str_eq(name, "socket");
	ck_assert_ptr_null(permit);
	ck_assert_ptr_nonnull(argument_explain(SYS_mprotect, EACCES, &name,
	    &permit));
	ck_assert_str_eq(permit, "PRONG_NEEDS_EXECUTABLE_MEMORY");
	ck_assert_ptr_null(argument_explain(SYS_read, EPERM, &name, &permit));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("argument");
	TCase *tcase = tcase_create("argument");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, arguments_are_let_through_or_not, 0,
	    (int)COUNT);
	tcase_add_loop_test(tcase, memory_is_executable_or_not, 0,
	    (int)MEMORY_COUNT);
	tcase_add_test(tcase, rules_are_explained);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
