/* SPDX-License-Identifier: ISC */
#include "master/descendant.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Nobody nests processes deeper. */
#define DEPTH_MAX 1000

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

/*
 * Processes of other users may be hidden (hidepid of proc(5), ProtectProc= of
 * systemd.exec(5)). None of an ordinary user's own is another's, since what
 * descends from here gets no new privileges. The kernel tells by whom one may be
 * signalled, also where a process has made itself look like root's.
 */
static bool
is_of_another(pid_t pid)
{
	return geteuid() != 0 && kill(pid, 0) < 0 && errno == EPERM;
}

bool
descendant_is_mine(pid_t pid)
{
	const pid_t own = getpid();
	int depth;

	for (depth = 0; pid > 1 && depth < DEPTH_MAX; depth++) {
		pid_t parent;

		if (pid == own)
			return true;
		parent = parent_of(pid);
		if (parent < 0 && is_of_another(pid))
			return false;
		pid = parent;
	}
	/* The first of all has no parent. */
	return pid < 0 || pid == own || depth == DEPTH_MAX;
}
