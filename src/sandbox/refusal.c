/* SPDX-License-Identifier: ISC */
#include "sandbox/refusal.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "base/hot.h"
#include "base/job.h"
#include "base/log.h"
#include "sandbox/argument.h"

/* Of the kernel's si_code for SIGSYS; libc has no name for it everywhere. */
#define BY_SECCOMP	1

#define ARGUMENTS_SHOWN 4

/* The routes of this process have not declared processes; NULL: they have. */
static HOT const char *undeclaring_route;
static HOT bool permits_threads;

#ifndef PRONG_STATIC
typedef int create_function(pthread_t *, const pthread_attr_t *,
    void *(*)(void *), void *);
typedef int spawn_function(pid_t *, const char *,
    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
    char *const[], char *const[]);
typedef int system_function(const char *);
typedef FILE *popen_function(const char *, const char *);

/* What clang's sanitizers have in place of libc's, in the program itself, where
 * the next object has libc's alone. */
extern create_function __interceptor_pthread_create __attribute__((__weak__));
#endif

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
refusal_expect_forks(const char *route, bool permits)
{
	undeclaring_route = route;
	permits_threads = permits;
}

/* In a process of many connections that of the handler at work. */
static const char *
route_at_work(void)
{
	const struct job *job = job_in_handler();

	return job ? job->route : undeclaring_route;
}

static void
note_process(const char *call, int error)
{
	if (undeclaring_route && is_first(-1))
		log_info("route %s: %s fails with %s: processes are not "
			 "declared; PRONG_NEEDS_PROCESSES in the handler's "
			 "descriptor would permit it",
		    route_at_work(), call,
		    error == ENOMEM ? "ENOMEM" : "EAGAIN");
	errno = error;
}

static void
note_fork(void)
{
	note_process("fork", EAGAIN);
}

/* A static prongd has its own handlers alone, which start nothing, and in it
 * nothing can take the place of libc's functions. */
#ifndef PRONG_STATIC
static void
note_thread(void)
{
	if (undeclaring_route && !permits_threads && is_first(-2))
		log_info("route %s: pthread_create fails with EAGAIN: threads "
			 "are not declared; PRONG_NEEDS_THREADS in the "
			 "handler's descriptor would permit it",
		    route_at_work());
}

/* In place of libc's, which it calls: the kernel refuses a thread by RLIMIT_NPROC,
 * as it refuses a fork, and libc has no hook. Signals are blocked meanwhile, so a
 * filter could not make one either. */
__attribute__((__visibility__("default"))) int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *argument)
{
	create_function *create = __interceptor_pthread_create ?
	    __interceptor_pthread_create :
	    (create_function *)dlsym(RTLD_NEXT, "pthread_create");
	int error = create ? create(thread, attributes, run, argument) : EAGAIN;

	if (error == EAGAIN)
		note_thread();
	return error;
}

/* The functions of libc that start a program, in place of libc's, too: they do not
 * call what pthread_atfork has registered. */
static int
spawn(const char *name, pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	spawn_function *next = (spawn_function *)dlsym(RTLD_NEXT, name);
	int error = next ? next(pid, path, actions, attributes, argv, envp) :
			   EAGAIN;

	if (error == EAGAIN)
		note_process(name, error);
	return error;
}

__attribute__((__visibility__("default"))) int
posix_spawn(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	return spawn("posix_spawn", pid, path, actions, attributes, argv, envp);
}

__attribute__((__visibility__("default"))) int
posix_spawnp(pid_t *pid, const char *file,
    const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	return spawn("posix_spawnp", pid, file, actions, attributes, argv,
	    envp);
}

__attribute__((__visibility__("default"))) int
system(const char *command)
{
	system_function *next = (system_function *)dlsym(RTLD_NEXT, "system");
	int saved = errno, result;

	errno = 0;
	result = next ? next(command) : -1;
	if (result != 0 && errno == EAGAIN)
		note_process("system", errno);
	if (errno == 0)
		errno = saved;
	return result;
}

/* libc's says ENOMEM, whatever the kernel has said. */
__attribute__((__visibility__("default"))) FILE *
popen(const char *command, const char *mode)
{
	popen_function *next = (popen_function *)dlsym(RTLD_NEXT, "popen");
	FILE *stream = next ? next(command, mode) : NULL;

	if (!stream && (errno == ENOMEM || errno == EAGAIN))
		note_process("popen", errno);
	return stream;
}

#endif

int
refusal_open(void)
{
	errno = pthread_atfork(note_fork, NULL, NULL);
	return errno == 0 ? 0 : -1;
}
