/* SPDX-License-Identifier: ISC */
#include "sandbox/argument_table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <prong/handler.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define ALL	 UINT32_MAX

/* Checks: the argument is the value, or has all these bits. */
#define IS(argument, value) \
	{ \
		argument, ALL, (uint32_t)(value) \
	}
#define HAS(argument, bits) \
	{ \
		argument, (uint32_t)(bits), (uint32_t)(bits) \
	}

/* Kinds of sockets that client libraries need. MPTCP and others would reach
 * ports that Landlock keeps for TCP alone. */
#define OF_TYPE(type) \
	{ \
		1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), type \
	}
#define SOCKET(family, type, protocol) \
	{ \
		{ \
			IS(0, family), OF_TYPE(type), IS(2, protocol) \
		} \
	}
static const struct argument_pattern sockets[] = {
	SOCKET(AF_UNIX, SOCK_STREAM, 0),
	SOCKET(AF_UNIX, SOCK_DGRAM, 0),
	SOCKET(AF_UNIX, SOCK_SEQPACKET, 0),
	SOCKET(AF_INET, SOCK_STREAM, 0),
	SOCKET(AF_INET, SOCK_STREAM, IPPROTO_TCP),
	SOCKET(AF_INET, SOCK_DGRAM, 0),
	SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	SOCKET(AF_INET6, SOCK_STREAM, 0),
	SOCKET(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	SOCKET(AF_INET6, SOCK_DGRAM, 0),
	SOCKET(AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
};

/* getaddrinfo(3) asks by netlink for the addresses of the machine. It would
 * have to bind this socket. If it gets none, it takes it that there are
 * addresses of all families. */
static const struct argument_pattern netlink[] = {
	{ { IS(0, AF_NETLINK) } },
};

/* Options of sockets. None here makes a close wait (SO_LINGER), connects by
 * itself (TCP_FASTOPEN_CONNECT), or gives one connection more of the network
 * than others. The list is what prong, libcurl, libpq, OpenSSL and libc's
 * resolver set. */
#define OPTION(level, name) \
	{ \
		{ \
			IS(1, level), IS(2, name) \
		} \
	}
static const struct argument_pattern options[] = {
	OPTION(SOL_SOCKET, SO_REUSEADDR),
	OPTION(SOL_SOCKET, SO_BROADCAST),
	OPTION(SOL_SOCKET, SO_KEEPALIVE),
	OPTION(SOL_SOCKET, SO_OOBINLINE),
	OPTION(SOL_SOCKET, SO_PASSCRED),
	OPTION(SOL_SOCKET, SO_RCVLOWAT),
	OPTION(SOL_SOCKET, 20), /* SO_RCVTIMEO with a time of 64 bits */
	OPTION(SOL_SOCKET, 21), /* SO_SNDTIMEO */
	OPTION(SOL_SOCKET, 66), /* SO_RCVTIMEO on 32-bit machines */
	OPTION(SOL_SOCKET, 67), /* SO_SNDTIMEO */
	OPTION(IPPROTO_TCP, TCP_NODELAY),
	OPTION(IPPROTO_TCP, TCP_CORK),
	OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
	OPTION(IPPROTO_TCP, TCP_KEEPINTVL),
	OPTION(IPPROTO_TCP, TCP_KEEPCNT),
	OPTION(IPPROTO_TCP, TCP_QUICKACK),
	OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT),
	OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT),
	OPTION(IPPROTO_IP, IP_MTU_DISCOVER),
	OPTION(IPPROTO_IP, IP_RECVERR),
	OPTION(IPPROTO_IPV6, IPV6_V6ONLY),
	OPTION(IPPROTO_IPV6, IPV6_MTU_DISCOVER),
	OPTION(IPPROTO_IPV6, IPV6_RECVERR),
};

/* TCP Fast Open connects without connect(2), where Landlock looks. */
static const struct argument_pattern sendto_fast[] = {
	{ { HAS(3, MSG_FASTOPEN) } },
};
static const struct argument_pattern sendmsg_fast[] = {
	{ { HAS(2, MSG_FASTOPEN) } },
};
static const struct argument_pattern sendmmsg_fast[] = {
	{ { HAS(3, MSG_FASTOPEN) } },
};

/* A file with a set-id bit would give the rights of the server's user to
 * everybody who can execute it. */
#define SET_ID(argument) \
	{ { HAS(argument, S_ISUID) } }, \
	{ \
		{ \
			HAS(argument, S_ISGID) \
		} \
	}
#define SET_ID_NEW(flags, mode) \
	{ { HAS(flags, O_CREAT), HAS(mode, S_ISUID) } }, \
	    { { HAS(flags, O_CREAT), HAS(mode, S_ISGID) } }, \
	    { { HAS(flags, O_TMPFILE), HAS(mode, S_ISUID) } }, \
	{ \
		{ \
			HAS(flags, O_TMPFILE), HAS(mode, S_ISGID) \
		} \
	}
static const struct argument_pattern mode_1[] = { SET_ID(1) };
static const struct argument_pattern mode_2[] = { SET_ID(2) };
static const struct argument_pattern open_mode[] = { SET_ID_NEW(1, 2) };
static const struct argument_pattern openat_mode[] = { SET_ID_NEW(2, 3) };

/* Names, limits and facts of the process itself. PR_SET_CHILD_SUBREAPER is the
 * generation's; a connection loses it (filter_confine). */
static const struct argument_pattern process_options[] = {
	{ { IS(0, PR_SET_PDEATHSIG) } }, { { IS(0, PR_GET_PDEATHSIG) } },
	{ { IS(0, PR_GET_DUMPABLE) } },
	{ { IS(0, PR_SET_DUMPABLE), IS(1, 0) } }, { { IS(0, PR_SET_NAME) } },
	{ { IS(0, PR_GET_NAME) } }, { { IS(0, PR_GET_SECCOMP) } },
	{ { IS(0, PR_CAPBSET_READ) } }, { { IS(0, PR_GET_SECUREBITS) } },
	{ { IS(0, PR_SET_TIMERSLACK) } }, { { IS(0, PR_GET_TIMERSLACK) } },
	{ { IS(0, PR_SET_CHILD_SUBREAPER) } },
	{ { IS(0, PR_GET_CHILD_SUBREAPER) } },
	{ { IS(0, PR_SET_NO_NEW_PRIVS) } }, { { IS(0, PR_GET_NO_NEW_PRIVS) } },
	{ { IS(0, PR_SET_THP_DISABLE) } }, { { IS(0, PR_GET_THP_DISABLE) } },
	{ { IS(0, PR_GET_SPECULATION_CTRL) } },
	{ { IS(0, 65) } },	   /* PR_SET_MDWE, Linux 6.3 */
	{ { IS(0, 66) } },	   /* PR_GET_MDWE */
	{ { IS(0, 0x53564d41) } }, /* PR_SET_VMA: names of memory */
};

/* The kernel counts the pages of pipes for a user; a lease on a file, and on
 * newer kernels a delegation, makes others wait who open it. So commands that
 * are not known here fail, too. */
static const struct argument_pattern descriptor_commands[] = {
	{ { IS(1, F_SETPIPE_SZ) } },
	{ { IS(1, F_SETLEASE) } },
	{ { IS(1, F_NOTIFY) } },
};
#define WITHIN(argument, first, number) \
	{ \
		argument, ~(uint32_t)((number)-1), (uint32_t)(first) \
	}
static const struct argument_pattern known_commands[] = {
	{ { WITHIN(1, 0, 16) } }, { { IS(1, 16) } }, /* F_GETOWN_EX */
	{ { WITHIN(1, 36, 4) } },   /* locks of open file descriptions */
	{ { WITHIN(1, 1024, 16) } } /* Linux's own, up to the hints */
};

/* Huge pages are from a pool of the whole system; pages that are merged tell
 * what others have in theirs. */
static const struct argument_pattern huge_files[] = {
	{ { HAS(1, MFD_HUGETLB) } },
};
static const struct argument_pattern merged[] = {
	{ { IS(2, MADV_MERGEABLE) } },
};
static const struct argument_pattern huge_pages[] = {
	{ { HAS(3, MAP_HUGETLB) } },
};

/* Memory that is executable. A shared mapping could be written to elsewhere. */
static const struct argument_pattern mapped[] = {
	{ { HAS(2, PROT_WRITE | PROT_EXEC) } },
	{ { HAS(2, PROT_EXEC), HAS(3, MAP_SHARED) } },
};
static const struct argument_pattern mapped_at_all[] = {
	{ { HAS(2, PROT_EXEC) } },
};
static const struct argument_pattern protected[] = {
	{ { HAS(2, PROT_EXEC) } },
};

/* The kernel stops all forks and ends of processes while it goes through those who
 * watch a descriptor of one that ends. */
static const struct argument_pattern peer_process[] = {
	{ { IS(1, SOL_SOCKET), IS(2, 77) } }, /* SO_PEERPIDFD, Linux 6.5 */
};
static const struct argument_pattern child_process[] = {
	{ { HAS(0, CLONE_PIDFD) } },
};

/* Whoever sends a signal, so the generation, goes through all who watch a
 * descriptor of signals of the receiver; so signalfd fails always. */
static const struct argument_pattern always[] = { { { { 0, 0, 0 } } } };

#define PATTERNS(list) .patterns = (list), .count = COUNT(list)
#define CALL(call)     .number = SYS_##call, .name = #call

#define KIND	       "sockets of this family, type or protocol"
#define FAST	       "TCP Fast Open, which connects unseen"
#define SET_ID_BITS    "set-user-id and set-group-id bits"
#define POOL	       "huge pages, which all of the system share"
#define EXECUTABLE     "memory that is executable"
#define JIT	       "PRONG_NEEDS_EXECUTABLE_MEMORY"
#define WATCHES	       "inotify, which the kernel counts for a user,"
#define SIGNALS	       "a descriptor of signals"
#define PROCESS	       "a descriptor of a process"

const struct argument_rule argument_rules[] = {
	{ CALL(sendmsg), .what = FAST, .error = EOPNOTSUPP,
	    PATTERNS(sendmsg_fast) },
	{ CALL(sendto), .what = FAST, .error = EOPNOTSUPP,
	    PATTERNS(sendto_fast) },
	{ CALL(sendmmsg), .what = FAST, .error = EOPNOTSUPP,
	    PATTERNS(sendmmsg_fast) },
	{ CALL(mmap), .what = EXECUTABLE, .permit = JIT, .error = EACCES,
	    .memory = ARGUMENT_MEMORY_NONE, PATTERNS(mapped_at_all) },
	{ CALL(mmap), .what = EXECUTABLE, .permit = JIT, .error = EACCES,
	    .memory = ARGUMENT_MEMORY_LIBRARIES, PATTERNS(mapped) },
	{ CALL(mprotect), .what = EXECUTABLE, .permit = JIT, .error = EACCES,
	    .memory = ARGUMENT_MEMORY_LIBRARIES, PATTERNS(protected) },
	{ CALL(mmap), .what = POOL, .error = ENOMEM, PATTERNS(huge_pages) },
	{ CALL(socket), .what = KIND, .error = EAFNOSUPPORT, .is_quiet = true,
	    PATTERNS(netlink) },
	{ CALL(socket), .what = KIND, .error = EAFNOSUPPORT, .permits = true,
	    PATTERNS(sockets) },
	{ CALL(setsockopt), .what = "this option of a socket",
	    .error = ENOPROTOOPT, .permits = true, PATTERNS(options) },
	{ CALL(prctl), .what = "this option of a process", .error = EINVAL,
	    .permits = true, PATTERNS(process_options) },
	{ CALL(fcntl), .what = "this command for a descriptor", .error = EPERM,
	    PATTERNS(descriptor_commands) },
	{ CALL(fcntl), .what = "this command for a descriptor", .error = EPERM,
	    .permits = true, PATTERNS(known_commands) },
	{ CALL(openat), .what = SET_ID_BITS, .error = EPERM,
	    PATTERNS(openat_mode) },
	{ CALL(fchmod), .what = SET_ID_BITS, .error = EPERM, PATTERNS(mode_1) },
	{ CALL(fchmodat), .what = SET_ID_BITS, .error = EPERM,
	    PATTERNS(mode_2) },
#ifdef SYS_open
	{ CALL(open), .what = SET_ID_BITS, .error = EPERM,
	    PATTERNS(open_mode) },
	{ CALL(creat), .what = SET_ID_BITS, .error = EPERM, PATTERNS(mode_1) },
	{ CALL(chmod), .what = SET_ID_BITS, .error = EPERM, PATTERNS(mode_1) },
#endif
	{ CALL(memfd_create), .what = POOL, .error = ENOMEM,
	    PATTERNS(huge_files) },
	{ CALL(madvise), .what = "merging of pages", .error = EINVAL,
	    PATTERNS(merged) },
#ifdef SYS_inotify_init
	{ CALL(inotify_init), .what = WATCHES, .error = EMFILE,
	    PATTERNS(always) },
#endif
	{ CALL(inotify_init1), .what = WATCHES, .error = EMFILE,
	    PATTERNS(always) },
	{ CALL(getsockopt), .what = PROCESS, .error = ENOPROTOOPT,
	    PATTERNS(peer_process) },
	{ CALL(clone), .what = PROCESS, .error = EINVAL,
	    PATTERNS(child_process) },
#ifdef SYS_signalfd
	{ CALL(signalfd), .what = SIGNALS, .error = ENOSYS, PATTERNS(always) },
#endif
	{ CALL(signalfd4), .what = SIGNALS, .error = ENOSYS, PATTERNS(always) },
};

const size_t argument_rule_count = COUNT(argument_rules);
