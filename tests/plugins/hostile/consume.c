/*
 * Deeds that use up what there is.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile uint64_t counter;

/* Bounds for what nothing else bounds, so that a test leaves the machine be. */
#define MOST_PROCESSES 20
#define MOST_MEBIBYTES 512

static const char *
loop(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	for (;;)
		counter++;
	return "ended";
}

static const char *
block_and_loop(struct prong_request *r, const char *argument)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return loop(r, argument);
}

static const char *
do_sleep(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	for (;;)
		pause();
	return "ended";
}

static const char *
allocate(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	for (int i = 0; i < MOST_MEBIBYTES; i++) {
		char *p = malloc(1 << 20);

		if (!p)
			return outcome(-1, NULL);
		memset(p, i, 1 << 20);
	}
	return "allocated";
}

/* As careless handlers do. */
static const char *
allocate_unchecked(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	for (int i = 0; i < MOST_MEBIBYTES; i++)
		memset(malloc(1 << 20), i, 1 << 20);
	return "allocated";
}

static const char *
leak(struct prong_request *r, const char *argument)
{
	void *volatile p;

	(void)r;
	for (int i = atoi(argument); i > 0; i--) {
		p = malloc(1 << 20);
		if (p)
			memset(p, i, 1 << 20);
	}
	return "leaked";
}

static const char *
leak_descriptors(struct prong_request *r, const char *argument)
{
	int opened = 0;

	(void)argument;
	while (opened < 1000 && open("/dev/null", O_RDONLY) >= 0)
		opened++;
	prong_printf(r, "%s\n", outcome(opened < 1000 ? -1 : 0, "opened"));
	return NULL;
}

/* Those stay, asleep, until somebody ends them. */
static const char *
fork_on(struct prong_request *r, const char *argument)
{
	const char *result = "forked";

	(void)r;
	(void)argument;
	for (int i = 0; i < MOST_PROCESSES; i++) {
		pid_t pid = fork();

		while (pid == 0)
			pause();
		if (pid < 0)
			result = outcome(-1, NULL);
	}
	return result;
}

/* Out of the connection's process group and session. */
static const char *
leave_behind(struct prong_request *r, const char *argument)
{
	pid_t pid = fork();

	(void)r;
	(void)argument;
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			for (;;)
				pause();
		_exit(0);
	}
	if (pid < 0)
		return outcome(-1, NULL);
	waitpid(pid, NULL, 0);
	return "left";
}

/* What is limited for good cannot be lifted. */
static const char *
lift(struct prong_request *r, const char *argument)
{
	const struct rlimit more = { 1000, 1000 };

	(void)r;
	(void)argument;
	return outcome(setrlimit(RLIMIT_NPROC, &more), "lifted");
}

const struct deed consume_deeds[] = { { "loop", loop },
	{ "block_and_loop", block_and_loop }, { "sleep", do_sleep },
	{ "allocate", allocate }, { "allocate_unchecked", allocate_unchecked },
	{ "leak", leak }, { "leak_descriptors", leak_descriptors },
	{ "fork", fork_on }, { "leave_behind", leave_behind }, { "lift", lift },
	{ NULL, NULL } };
