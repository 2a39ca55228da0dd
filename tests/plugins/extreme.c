/*
 * A handler that uses up what it is told to: null (a crash), loop (processor
 * time), sleep, stubborn (sleeps with every signal blocked), memory (tells how
 * many MiB it got), hoard (all of it, and answers at length), files (how many it
 * could open), spawn (two processes, one of which leaves its group).
 *
 * SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <prong/handler.h>

#define MIB	     (1024 * 1024)
#define LONG_SECONDS 60

static void
sleep_long(void)
{
	unsigned left = LONG_SECONDS;

	while (left > 0)
		left = sleep(left);
}

static int
take_memory(struct prong_request *r)
{
	int n = 0;
	char *p;

	while (n < 4096 && (p = malloc(MIB))) {
		p[0] = p[MIB - 1] = 1;
		n++;
	}
	return prong_printf(r, "%d\n", n) == 0 ? PRONG_DONE : 500;
}

/* Takes all memory, and answers with more than is left. */
static int
hoard(struct prong_request *r)
{
	static char text[48 * 1024];
	size_t size = MIB;

	for (; size >= 64; size /= 2)
		while (malloc(size))
			continue;
	memset(text, 'x', sizeof(text));
	return prong_write(r, text, sizeof(text)) == 0 ? PRONG_DONE : 500;
}

static int
take_files(struct prong_request *r)
{
	int n = 0;

	while (n < 4096 && open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
		n++;
	prong_printf(r, "%d\n", n);
	return PRONG_DONE;
}

static int
spawn(struct prong_request *r)
{
	pid_t stays = fork(), leaves;

	if (stays == 0) {
		sleep_long();
		_exit(0);
	}
	leaves = fork();
	if (leaves == 0) {
		setsid();
		if (fork() == 0)
			sleep_long();
		_exit(0);
	}
	prong_printf(r, "%s\n", stays > 0 && leaves > 0 ? "two" : "none");
	return PRONG_DONE;
}

/* What the compiler cannot see through. */
static volatile int *volatile null;

/* A fault for the kernel to find, not for a sanitizer. */
__attribute__((__no_sanitize__("address", "undefined"))) static void
crash(void)
{
	*null = 1;
}

static int
extreme(struct prong_request *r, const void *config)
{
	const char *what = prong_query(r, "do");
	sigset_t all;

	(void)config;
	if (!what)
		return PRONG_DECLINED;
	if (strcmp(what, "null") == 0)
		crash();
	if (strcmp(what, "loop") == 0)
		for (volatile unsigned n = 0;; n++)
			continue;
	if (strcmp(what, "stubborn") == 0) {
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
	}
	if (strcmp(what, "sleep") == 0 || strcmp(what, "stubborn") == 0)
		sleep_long();
	if (strcmp(what, "memory") == 0)
		return take_memory(r);
	if (strcmp(what, "hoard") == 0)
		return hoard(r);
	if (strcmp(what, "files") == 0)
		return take_files(r);
	return spawn(r);
}

PRONG_HANDLER(.name = "extreme", .summary = "uses up what it is told to",
    .needs = PRONG_NEEDS_PROCESSES, .handle = extreme);
