/* SPDX-License-Identifier: ISC */
#include "sandbox/filter_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <prong/handler.h>

#include "sandbox/program.h"
#include "sandbox/syscalls.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct filter_trapped filter_trapped[SYSCALLS_TRAPPED_MAX];
size_t filter_trapped_count;

static int
allow(scmp_filter_ctx filter, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	/* Some architectures lack some calls. */
	if (number < 0)
		return 0;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
}

/* See put_trapped_connect. */
static int
trap_connect(scmp_filter_ctx filter)
{
	const scmp_datum_t bytes = sizeof(sa_family_t);
	int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect),
	    1, SCMP_A2(SCMP_CMP_EQ, bytes, 0));

	return result == 0 ?
	    seccomp_rule_add(filter, SCMP_ACT_TRAP, SCMP_SYS(connect), 1,
		SCMP_A2(SCMP_CMP_NE, bytes, 0)) :
	    result;
}

/* group: the group of the call, whose need permits it; NULL: none. Returns the
 * number of the call, below 0 for none. */
static int
note(const char *name, const struct syscalls_group *group)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number >= 0)
		filter_trapped[filter_trapped_count++] =
		    (struct filter_trapped){ number, name,
			    group ? group->need : 0,
			    group ? group->name : NULL };
	return number;
}

static int
trap(scmp_filter_ctx filter, const char *name,
    const struct syscalls_group *group, bool is_open)
{
	int number = note(name, group);

	if (number < 0)
		return 0;
	if (!is_open && number == SCMP_SYS(connect))
		return trap_connect(filter);
	return seccomp_rule_add(filter,
	    is_open ? SCMP_ACT_ALLOW : SCMP_ACT_TRAP, number, 0);
}

static int
add_list(scmp_filter_ctx filter, const struct syscalls *calls)
{
	int result = 0;
	size_t i;

	for (i = 0; i < calls->count && result == 0; i++)
		result = allow(filter, calls->names[i]);
	return result;
}

static int
add_group(scmp_filter_ctx filter, const struct syscalls_group *group,
    uint64_t needs)
{
	int result = 0;
	size_t i;

	for (i = 0; i < group->calls.count && result == 0; i++)
		result = trap(filter, group->calls.names[i], group,
		    (needs & group->need) != 0);
	return result;
}

/* A new process must not get namespaces of its own: it would be root there. */
static int
add_clone(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ,
		CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
		    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
		0));
}

/* A process may set only its own limits. Otherwise it could set those of all
 * processes of the same user, also of its generation. libc's setrlimit makes
 * this call. The generation reads two limits of connections, by which they tell
 * it something (connection/first_handler.h), and whether they have used up a third
 * (bounds.h). */
static int
add_limits(scmp_filter_ctx filter)
{
	static const scmp_datum_t read[] = { RLIMIT_RSS, RLIMIT_LOCKS,
		RLIMIT_CPU };
	int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0, 0));
	size_t i;

	for (i = 0; i < COUNT(read) && result == 0; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(prlimit64), 2, SCMP_A1(SCMP_CMP_EQ, read[i], 0),
		    SCMP_A2(SCMP_CMP_EQ, 0, 0));
	return result;
}

/* A datagram socket of a pair can send to any path, so a service there (the
 * log, say) would take the message for one of the user. A stream socket
 * cannot. */
static int
add_pairs(scmp_filter_ctx filter)
{
	static const unsigned types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	const unsigned flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	int result = 0;
	size_t i;

	for (i = 0; i < COUNT(types) && result == 0; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(socketpair), 2, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0),
		    SCMP_A1(SCMP_CMP_MASKED_EQ, ~flags, types[i]));
	return result;
}

/* MREMAP_FIXED can move several mappings at once; see fix. */
static int
add_remap(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mremap), 1,
	    SCMP_A3(SCMP_CMP_MASKED_EQ, ~(scmp_datum_t)MREMAP_MAYMOVE, 0));
}

/* Handlers may ask for terminals, so that isatty(3) works, and for the octets
 * in a socket, and set flags of descriptors. The many other requests of ioctl
 * are ways into the kernel that handlers do not need. */
static int
add_ioctl(scmp_filter_ctx filter)
{
	static const unsigned long allowed[] = {
		TCGETS,
		FIONREAD,
		FIONBIO,
		FIOCLEX,
		FIONCLEX,
		TIOCOUTQ,
	};
	int result = 0;
	size_t i;

	for (i = 0; i < COUNT(allowed) && result == 0; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, allowed[i], 0));
	return result;
}

/* Whoever waits for a word in shared memory, as the log process does, could be
 * moved to another word, for which nobody wakes it. */
static int
add_futex(scmp_filter_ctx filter)
{
	static const unsigned shared[] = { FUTEX_WAIT, FUTEX_WAKE,
		FUTEX_LOCK_PI, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI,
		FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET, FUTEX_LOCK_PI2 };
	const unsigned flags = FUTEX_CLOCK_REALTIME;
	int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(futex),
	    1,
	    SCMP_A1(SCMP_CMP_MASKED_EQ, FUTEX_PRIVATE_FLAG,
		FUTEX_PRIVATE_FLAG));
	size_t i;

	for (i = 0; i < COUNT(shared) && result == 0; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(futex), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, ~flags, shared[i]));
	return result;
}

static int
add_some(scmp_filter_ctx filter)
{
	int result = add_ioctl(filter);

	if (result == 0)
		result = add_clone(filter);
	if (result == 0)
		result = add_futex(filter);
	if (result == 0)
		result = add_limits(filter);
	if (result == 0)
		result = add_pairs(filter);
	return result == 0 ? add_remap(filter) : result;
}

static int
add_all(scmp_filter_ctx filter, uint64_t needs)
{
	int result = add_list(filter, &syscalls_base);
	size_t i;

	for (i = 0; i < SYSCALLS_GROUPS && result == 0; i++)
		result = add_group(filter, &syscalls_groups[i], needs);
	for (i = 0; i < syscalls_forbidden.count && result == 0; i++)
		result = trap(filter, syscalls_forbidden.names[i], NULL, false);
	return result == 0 ? add_some(filter) : result;
}

bool
filter_is_known(void)
{
	/* A kernel that knows filters tries to read from NULL. */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) == 0 ||
	    errno == EFAULT;
}

/* Addresses whose high half is the same; for them the call fails. */
static void
put_remap(struct program *p, uint64_t begin, uint64_t last)
{
	const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mremap, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT_HIGH(0)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(begin >> 32), 0,
		    4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(0)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)begin, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
	};

	program_put(p, code, COUNT(code));
}

/*
 * A shared mapping that grows reaches the next pages of its file; behind a
 * connection's page of the scoreboard these are the pages of others. The
 * mapping may not be moved either, because it could grow at another address.
 * Where mremap fails, realloc(3) copies. The library's comparisons of 64 bits do
 * not hold for memory on both sides of a border of 4 GiB.
 */
static void
put_fixed(struct program *p, const struct filter_span *fixed)
{
	uint64_t begin = (uintptr_t)fixed->begin, end = begin + fixed->bytes;

	while (begin < end) {
		const uint64_t border = (begin | UINT32_MAX) + 1;
		const uint64_t last = (end < border ? end : border) - 1;

		put_remap(p, begin, last);
		begin = last + 1;
	}
}

/* One program for both: the kernel asks each filter at each call. */
static int
load_arguments(uint64_t needs, bool signals, const struct filter_span *fixed)
{
	struct program p;

	p.length = 0;
	put_fixed(&p, fixed);
	return argument_load(&p, needs, signals);
}

int
filter_load(uint64_t own_needs, bool renews, bool makes_rulesets,
    const struct filter_span *fixed)
{
	const uint64_t needs = own_needs | (renews ? PRONG_NEEDS_PROCESSES : 0);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int result;

	if (!filter) {
		errno = ENOMEM;
		return -1;
	}
	filter_trapped_count = 0;
	/* The server makes no calls of another architecture (of 32 bits, say),
	 * for which the lists do not hold. */
	result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	/* Kernels before 5.16 would disable speculation in every process that
	 * has a filter. That protects parts of a process from each other, which
	 * is not needed here. Kernels before 4.17 know neither. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	/* A tree needs a few comparisons for each call, a list many. */
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (result == 0)
		result = add_all(filter, needs);
	if (result == 0 && makes_rulesets)
		result = add_list(filter, &syscalls_rulesets);
	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	if (result == 0)
		return load_arguments(needs,
		    !(own_needs & PRONG_NEEDS_PROCESSES), fixed);
	errno = -result;
	return -1;
}

int
filter_resume(const struct filter_span *fixed)
{
	struct program p;
	size_t i, j;

	filter_trapped_count = 0;
	for (i = 0; i < SYSCALLS_GROUPS; i++)
		for (j = 0; j < syscalls_groups[i].calls.count; j++)
			note(syscalls_groups[i].calls.names[j],
			    &syscalls_groups[i]);
	for (i = 0; i < syscalls_forbidden.count; i++)
		note(syscalls_forbidden.names[i], NULL);
	p.length = 0;
	put_fixed(&p, fixed);
	return program_load(&p);
}

static const struct filter_trapped *
find(int number)
{
	size_t i;

	for (i = 0; i < filter_trapped_count; i++)
		if (filter_trapped[i].number == number)
			return &filter_trapped[i];
	return NULL;
}

const char *
filter_name(int number)
{
	const struct filter_trapped *t = find(number);

	return t ? t->name : NULL;
}

const char *
filter_permit(int number)
{
	const struct filter_trapped *t = find(number);

	return t ? t->permit : NULL;
}
