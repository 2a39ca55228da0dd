/*
 * The filter of one connection, which takes away what other routes need.
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/filter_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <prong/handler.h>

#include "sandbox/program.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* connect with an address that is only a family, and that AF_UNSPEC: it ends
 * the connection of a socket, which connection.c does to a client. */
static void
put_trapped_connect(struct program *p)
{
	static const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(2)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, sizeof(sa_family_t), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	program_put(p, code, COUNT(code));
}

static void
put_trapped(struct program *p, uint64_t needs)
{
	size_t i;

	for (i = 0; i < filter_trapped_count; i++) {
		const struct sock_filter code[] = {
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			    (uint32_t)filter_trapped[i].number, 0, 1),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		};

		if (!(filter_trapped[i].need & needs))
			continue;
		if (filter_trapped[i].number == SYS_connect)
			put_trapped_connect(p);
		else
			program_put(p, code, COUNT(code));
	}
}

/* The error is the same as with RLIMIT_NPROC, which keeps connections without
 * threads from forking. */
static void
put_forks(struct program *p)
{
	static const struct sock_filter code[] = {
#ifdef SYS_fork
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fork, 3, 0),
#endif
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(0)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	program_put(p, code, COUNT(code));
}

/* The calls whose first argument is the process to get a signal, and fcntl,
 * which can make the kernel send one. */
static void
put_signals(struct program *p)
{
	const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 7, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigqueueinfo, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_tgsigqueueinfo, 4,
		    0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tkill, 3, 6),
		/* fcntl */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(1)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN_EX, 2, 3),
		/* the other calls */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(0)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};

	program_put(p, code, COUNT(code));
}

/* Executable memory, where other routes may have it: without a signal, since
 * these may start programs. */
static void
put_memory(struct program *p, enum argument_memory memory)
{
	const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 2, 9),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(2)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 5, 6),
		/* mmap */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(2)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 4),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
		    memory == ARGUMENT_MEMORY_NONE ? PROT_EXEC : PROT_WRITE, 2,
		    0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(3)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	program_put(p, code, COUNT(code));
}

/* Memory that a fork does not copy stays so, and orphans are not adopted. */
static void
put_descent(struct program *p)
{
	static const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 2, 6),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(2)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_DOFORK, 2, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(0)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_CHILD_SUBREAPER, 0,
		    1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	program_put(p, code, COUNT(code));
}

/* As if they were not in the generation's filter. */
static void
put_rulesets(struct program *p)
{
	static const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset,
		    1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_add_rule, 0,
		    1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	program_put(p, code, COUNT(code));
}

/* The two limits that tell the first handler (connection/first_handler.h) stay as
 * they are: the generation knows by them that a process could not start others. */
static void
put_limits(struct program *p)
{
	static const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setrlimit, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 2, 11),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(0)),
		BPF_STMT(BPF_JMP | BPF_JA, 5),
		/* prlimit64, which only reads without a third argument */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(2)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT_HIGH(2)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROGRAM_ARGUMENT(1)),
		/* both */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RLIMIT_RSS, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RLIMIT_LOCKS, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};

	program_put(p, code, COUNT(code));
}

/* Not inlined: the program takes four pages of the stack, and most connections
 * need none. */
static __attribute__((__noinline__)) int
take_away(const struct filter_loss *loss)
{
	struct program p;

	p.length = 0; /* The rest is long. */
	put_trapped(&p, loss->needs);
	if (loss->needs & PRONG_NEEDS_PROCESSES)
		put_limits(&p);
	if (loss->forks)
		put_forks(&p);
	if (loss->memory)
		put_memory(&p, loss->memory);
	if (loss->rulesets)
		put_rulesets(&p);
	if (loss->descent)
		put_descent(&p);
	if (loss->signals)
		put_signals(&p);
	return program_load(&p);
}

int
filter_confine(const struct filter_loss *loss)
{
	if (!loss->needs && !loss->forks && !loss->memory && !loss->descent &&
	    !loss->signals && !loss->rulesets)
		return 0;
	return take_away(loss);
}
