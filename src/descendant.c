/* SPDX-License-Identifier: ISC */
#include "descendant.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Nobody nests processes deeper. */
#define DEPTH_MAX	1000

/* The fourth of proc_pid_stat(5); the second, in brackets, may hold anything.
 * -1: none to be found. */
static pid_t
parent_of(pid_t pid)
{
	char path[32], text[512];
	const char *bracket;
	size_t n = 0;
	long parent;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	bracket = strrchr(text, ')');
	if (!bracket || sscanf(bracket + 1, " %*c %ld", &parent) != 1)
		return -1;
	return (pid_t)parent;
}

/* What comes from a user who is not root stays that user's (no_new_privs): the
 * processes of others need not be looked at, which a /proc that hides them
 * (hidepid=) would not permit. */
static bool
is_anothers(pid_t pid)
{
	return geteuid() != 0 && kill(pid, 0) < 0 && errno == EPERM;
}

bool
descendant_is_mine(pid_t pid)
{
	const pid_t own = getpid();
	int depth;

	for (depth = 0; pid > 0 && depth < DEPTH_MAX; depth++) {
		if (pid == own)
			return true;
		if (is_anothers(pid))
			return false;
		pid = parent_of(pid);
	}
	return pid != 0;
}
