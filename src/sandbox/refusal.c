/* SPDX-License-Identifier: ISC */
#include "sandbox/refusal.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "base/log.h"
#include "sandbox/argument.h"

/* Of the kernel's si_code for SIGSYS; libc has no name for it everywhere. */
#define BY_SECCOMP	1

#define ARGUMENTS_SHOWN 4

/* The routes of this process have not declared processes; NULL: they have. */
static const char *undeclaring_route;

/* A handler may repeat a refused call for ever. */
#define CALLS_LOGGED 16
static int logged[CALLS_LOGGED];
static size_t logged_count;

static bool
is_first(int call)
{
	size_t i;

	for (i = 0; i < logged_count; i++)
		if (logged[i] == call)
			return false;
	if (logged_count == CALLS_LOGGED)
		return false;
	logged[logged_count++] = call;
	return true;
}

/* The result of the call, and its arguments. False: this machine's registers
 * are not known here. */
static bool
set_result(void *context, int error, long arguments[ARGUMENTS_SHOWN])
{
	mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;

#if defined(__x86_64__)
	arguments[0] = (long)machine->gregs[REG_RDI];
	arguments[1] = (long)machine->gregs[REG_RSI];
	arguments[2] = (long)machine->gregs[REG_RDX];
	arguments[3] = (long)machine->gregs[REG_R10];
	machine->gregs[REG_RAX] = -error;
	return true;
#elif defined(__aarch64__)
	size_t i;

	for (i = 0; i < ARGUMENTS_SHOWN; i++)
		arguments[i] = (long)machine->regs[i];
	machine->regs[0] = (unsigned long long)-error;
	return true;
#else
	(void)machine;
	(void)error;
	(void)arguments;
	return false;
#endif
}

static void
log_refusal(int call, const long arguments[ARGUMENTS_SHOWN], int error,
    const char *handler)
{
	const char *name = "a call", *permit = NULL;
	const char *what = argument_explain(call, error, &name, &permit);
	const char *which = handler ? handler : "a connection";

	if (permit)
		log_info("%s: %s(0x%lx, 0x%lx, 0x%lx, 0x%lx) fails with %s: %s "
			 "is not declared; %s in the handler's descriptor "
			 "would permit it",
		    which, name, arguments[0], arguments[1], arguments[2],
		    arguments[3], strerrorname_np(error), what, permit);
	else
		log_info("%s: %s(0x%lx, 0x%lx, 0x%lx, 0x%lx) fails with %s: %s "
			 "is permitted to no handler",
		    which, name, arguments[0], arguments[1], arguments[2],
		    arguments[3], strerrorname_np(error), what);
}

bool
refusal_take(const siginfo_t *info, void *context, const char *handler)
{
	long arguments[ARGUMENTS_SHOWN];

	if (info->si_signo != SIGSYS || info->si_code != BY_SECCOMP ||
	    info->si_errno == 0 ||
	    !set_result(context, info->si_errno, arguments))
		return false;
	if (is_first(info->si_syscall))
		log_refusal(info->si_syscall, arguments, info->si_errno,
		    handler);
	return true;
}

void
refusal_expect_forks(const char *route)
{
	undeclaring_route = route;
}

static void
note_fork(void)
{
	if (undeclaring_route && is_first(-1))
		log_info("route %s: fork fails with EAGAIN: processes are not "
			 "declared; PRONG_NEEDS_PROCESSES in the handler's "
			 "descriptor would permit it",
		    undeclaring_route);
}

int
refusal_open(void)
{
	errno = pthread_atfork(note_fork, NULL, NULL);
	return errno == 0 ? 0 : -1;
}
