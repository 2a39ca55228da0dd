/*
 * Deeds that end a process by a fatal signal, or would.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char constant[] = "cannot be written to";

/* What the compiler cannot see through. */
static void *volatile nowhere;
static volatile int zero;
static volatile size_t too_many = 4096;

static UNCHECKED const char *
null(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	*(volatile int *)nowhere = 1;
	return "written";
}

static UNCHECKED const char *
readonly(struct prong_request *r, const char *argument)
{
	volatile char *text = (volatile char *)(uintptr_t)constant;

	(void)r;
	(void)argument;
	*text = 'C';
	return "written";
}

static UNCHECKED const char *
jump(struct prong_request *r, const char *argument)
{
	deed_function *volatile function = NULL;

	return function(r, argument);
}

static UNCHECKED const char *
divide(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	zero = (int)too_many / zero;
	return "divided";
}

static UNCHECKED const char *
illegal(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	__builtin_trap();
	return "executed";
}

static UNCHECKED const char *
bus(struct prong_request *r, const char *argument)
{
	int fd = memfd_create("empty", MFD_CLOEXEC);
	volatile char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	(void)r;
	(void)argument;
	return map[0] != 0 ? "read" : "read nothing";
}

static const char *
do_abort(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	abort();
}

/* The stack protector finds it when the function returns. */
static __attribute__((__noinline__)) char
overrun(void)
{
	char array[16];
	volatile char *p = array;

	for (size_t i = 0; i < too_many / 16; i++)
		p[i] = 'x';
	return p[3];
}

static const char *
stack(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return overrun() == 'x' ? "overrun" : "overrun?";
}

/* So large that both come from the end of the heap: the second lies behind the
 * first, whatever was allocated before, and malloc's words on it between. */
#define LARGE 70000

static const char *
heap(struct prong_request *r, const char *argument)
{
	volatile char *first = malloc(LARGE);
	char *second = malloc(LARGE);

	(void)r;
	(void)argument;
	for (size_t i = 0; i < LARGE + too_many / 64; i++)
		first[i] = 'x';
	free(second);
	free((void *)(uintptr_t)first);
	return "overrun";
}

static const char *
free_twice(struct prong_request *r, const char *argument)
{
	void *volatile p = malloc(24);

	(void)r;
	(void)argument;
	free(p);
	free(p);
	return "freed";
}

/* What _FORTIFY_SOURCE finds. */
static const char *
fortify(struct prong_request *r, const char *argument)
{
	char small[8];

	(void)r;
	(void)argument;
	memset(small, 'x', too_many);
	return small[2] == 'x' ? "overrun" : "overrun?";
}

static volatile int deepest = 1 << 30;

static UNCHECKED __attribute__((__noinline__)) int
descend(int depth)
{
	volatile char block[512];

	block[depth % 512] = (char)depth;
	if (depth == deepest)
		return 0;
	return descend(depth + 1) + block[depth % 512];
}

static const char *
recurse(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return descend(zero) != 0 ? "returned" : "returned nothing";
}

/* No handler is asked for a signal that is blocked, or ignored. */
static const char *
block_and_crash(struct prong_request *r, const char *argument)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return null(r, argument);
}

static const char *
ignore_and_crash(struct prong_request *r, const char *argument)
{
	signal(SIGSEGV, SIG_IGN);
	return null(r, argument);
}

static void
leave(int signal)
{
	(void)signal;
	_exit(0);
}

static const char *
catch_and_crash(struct prong_request *r, const char *argument)
{
	signal(SIGSEGV, leave);
	return null(r, argument);
}

static const char *
kill_itself(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(raise(atoi(argument)), "survived");
}

/* "RESOURCE...": lowers these limits to nothing before. */
static const char *
lower_and_kill(struct prong_request *r, const char *argument)
{
	const struct rlimit none = { 0, 0 };
	const char *at;

	(void)r;
	for (at = argument; at; at = strchr(at + 1, ' '))
		setrlimit((__rlimit_resource_t)atoi(at), &none);
	return outcome(raise(SIGKILL), "survived");
}

static void *
overflow(void *argument)
{
	(void)argument;
	return descend(zero) != 0 ? argument : NULL;
}

static const char *
thread(struct prong_request *r, const char *argument)
{
	pthread_t id;
	int error;

	(void)r;
	(void)argument;
	error = pthread_create(&id, NULL, overflow, NULL);
	if (error != 0)
		return strerrorname_np(error);
	pthread_join(id, NULL);
	return "joined";
}

static UNCHECKED const char *
close_and_crash(struct prong_request *r, const char *argument)
{
	close_range(0, ~0U, 0);
	return null(r, argument);
}

/* A core file, wherever the kernel puts it, whatever the server has set. */
static const char *
dump(struct prong_request *r, const char *argument)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	(void)r;
	if (chdir(argument) < 0 || setrlimit(RLIMIT_CORE, &all) < 0)
		return outcome(-1, NULL);
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return "lives";
}

/* "FOLDER NUMBER": so many children leave a core file each. */
static const char *
dump_children(struct prong_request *r, const char *argument)
{
	char folder[1024];
	int count, status, cores = 0;

	if (sscanf(argument, "%1000s %d", folder, &count) != 2)
		return "no folder";
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return outcome(-1, NULL);
		if (pid == 0) {
			dump(r, folder);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		cores += WIFSIGNALED(status) && WCOREDUMP(status);
	}
	prong_printf(r, "%d cores\n", cores);
	return NULL;
}

const struct deed crash_deeds[] = { { "dump", dump },
	{ "dump_children", dump_children }, { "null", null },
	{ "readonly", readonly }, { "jump", jump }, { "divide", divide },
	{ "illegal", illegal }, { "bus", bus }, { "abort", do_abort },
	{ "stack", stack }, { "heap", heap }, { "free_twice", free_twice },
	{ "fortify", fortify }, { "recurse", recurse },
	{ "block_and_crash", block_and_crash },
	{ "ignore_and_crash", ignore_and_crash },
	{ "catch_and_crash", catch_and_crash }, { "kill_itself", kill_itself },
	{ "lower_and_kill", lower_and_kill },
	{ "close_and_crash", close_and_crash }, { "thread", thread },
	{ NULL, NULL } };
