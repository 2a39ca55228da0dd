/*
 * Deeds that SECURITY.md admits: what a broken connection can see of others, and
 * what it can have beyond its route.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/scoreboard.h"
#include "message/channel.h"
#include "message/request.h"

#define MOST_DESCRIPTORS 256
#define MOST_SIGNALS	 1000000
#define MEBIBYTE	 (1 << 20)

static char block[MEBIBYTE];

/* "PID RESOURCE": a limit of another process. */
static const char *
read_limit(struct prong_request *r, const char *argument)
{
	struct rlimit limit;
	char *rest;
	long pid = strtol(argument, &rest, 10);

	(void)r;
	return outcome(syscall(SYS_prlimit64, pid, atoi(rest), NULL, &limit),
	    "read");
}

/* A text in what is open. */
static const char *
read_table(struct prong_request *r, const char *argument)
{
	(void)r;
	for (int fd = 3; fd < MOST_DESCRIPTORS; fd++) {
		ssize_t n;

		for (off_t at = 0;
		     (n = pread(fd, block, sizeof(block), at)) > 0; at += n)
			if (memmem(block, (size_t)n, argument,
				strlen(argument)))
				return "read";
	}
	return "nothing";
}

/* As in connection/penalty.c. */
struct tables {
	int64_t first_ms;
	char *own, *shown;
};

static const char *
read_penalties(struct prong_request *r, const char *argument)
{
	/* struct request begins with what handlers have of it. */
	const struct channel *c = ((struct request *)(void *)r)->channel;
	const struct tables *tables = (const void *)c->penalties;

	(void)argument;
	if (!tables)
		return "no table";
	return is_mapped(tables->shown) ? "read" : "nothing";
}

/* How many signals can be pending. */
static const char *
count_signals(struct prong_request *r, const char *argument)
{
	const union sigval none = { 0 };
	sigset_t all;
	int count = 0;

	(void)argument;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (count < MOST_SIGNALS &&
	    sigqueue(getpid(), SIGRTMIN + 1, none) == 0)
		count++;
	prong_printf(r, "%d\n", count);
	return NULL;
}

/* So many MiB in a file that is not mapped. */
static const char *
fill_file(struct prong_request *r, const char *argument)
{
	int fd = memfd_create("much", MFD_CLOEXEC);

	(void)r;
	for (int i = 0; i < atoi(argument); i++)
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			return outcome(-1, NULL);
	return "had";
}

/* So many pipes, each with all that it holds. */
static const char *
fill_pipes(struct prong_request *r, const char *argument)
{
	int fds[2];

	(void)r;
	for (int i = 0; i < atoi(argument); i++) {
		if (pipe2(fds, O_NONBLOCK) < 0)
			return outcome(-1, NULL);
		while (write(fds[1], block, 4096) > 0)
			;
	}
	return "had";
}

/* A set-user-id file by a call whose mode is in memory. */
static const char *
make_set_id(struct prong_request *r, const char *path)
{
	const struct open_how how = { .flags = O_CREAT | O_EXCL | O_WRONLY,
		.mode = 04755 };
	struct stat st;
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	(void)r;
	if (fd < 0 || fstat((int)fd, &st) < 0)
		return outcome(-1, NULL);
	return st.st_mode & S_ISUID ? "made" : "made without";
}

/* As between two requests; or, with a signal of a limit, as if its report were
 * written. */
static const char *
leave_silently(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = own_page(r);

	if (!page)
		return "no page";
	if (argument[0] != '\0') {
		page->state = SCOREBOARD_CRASHED;
		signal(atoi(argument), SIG_DFL);
		raise(atoi(argument));
	}
	page->state = SCOREBOARD_WAITING;
	_exit(0);
}

const struct deed known_deeds[] = { { "read_limit", read_limit },
	{ "read_table", read_table }, { "read_penalties", read_penalties },
	{ "count_signals", count_signals }, { "fill_file", fill_file },
	{ "fill_pipes", fill_pipes }, { "make_set_id", make_set_id },
	{ "leave_silently", leave_silently }, { NULL, NULL } };
