/*
 * Deeds in the midst of an answer, and to the process's own descriptors and
 * settings.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 256

static void *volatile nowhere;

static const char *
exit_first(struct prong_request *r, const char *argument)
{
	(void)r;
	exit(atoi(argument));
}

static const char *
exit_midway(struct prong_request *r, const char *argument)
{
	prong_print(r, "half of ");
	prong_flush(r);
	_exit(atoi(argument));
}

/* The client of HTTP/1.1 gets chunks, that of HTTP/1.0 the connection's end. */
static UNCHECKED const char *
crash_midway(struct prong_request *r, const char *argument)
{
	(void)argument;
	prong_print(r, "half of ");
	prong_flush(r);
	*(volatile int *)nowhere = 1;
	return "an answer";
}

static const char *
crash_in_length(struct prong_request *r, const char *argument)
{
	prong_length(r, 100);
	return crash_midway(r, argument);
}

/* Nothing of it was sent. */
static UNCHECKED const char *
crash_in_buffer(struct prong_request *r, const char *argument)
{
	(void)argument;
	prong_status(r, 201);
	prong_print(r, "half of ");
	*(volatile int *)nowhere = 1;
	return "an answer";
}

static const char *
close_all(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(close_range((unsigned)atoi(argument), ~0U, 0), "closed");
}

/* To whatever is open. */
static const char *
scribble(struct prong_request *r, const char *argument)
{
	(void)r;
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		if (write(fd, argument, strlen(argument)) < 0)
			continue;
	return "scribbled";
}

static const char *
truncate_all(struct prong_request *r, const char *argument)
{
	const char *result = "nothing";

	(void)r;
	(void)argument;
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		if (ftruncate(fd, 0) == 0)
			result = "truncated";
	return result;
}

static const char *
change_folder(struct prong_request *r, const char *argument)
{
	(void)r;
	umask(0);
	return outcome(chdir(argument), "changed");
}

static const char *
change_environment(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	clearenv();
	return outcome(setenv("LD_PRELOAD", "/nowhere", 1), "changed");
}

const struct deed answer_deeds[] = { { "exit", exit_first },
	{ "exit_midway", exit_midway }, { "crash_midway", crash_midway },
	{ "crash_in_length", crash_in_length },
	{ "crash_in_buffer", crash_in_buffer }, { "close_all", close_all },
	{ "scribble", scribble }, { "truncate_all", truncate_all },
	{ "chdir", change_folder }, { "environment", change_environment },
	{ NULL, NULL } };
