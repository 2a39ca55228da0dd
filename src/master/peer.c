/* SPDX-License-Identifier: ISC */
#include "master/peer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
peer_is_descendant(pid_t pid)
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

/* What a process can give up for good, by its line of proc_pid_status(5): -1
 * where that is unknown. */
static long
status_of(const char *pid, const char *name)
{
	char path[32], line[128];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/status", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtol(line + strlen(name), NULL, 10);
	fclose(f);
	return value;
}

/*
 * Each process of a server has given up new privileges before it ran code of a
 * handler, and has a filter of system calls more than its master. Neither can be
 * undone, and what it starts inherits both. So a process that has outlived its
 * server is known by them, although it does not descend from the next one.
 */
bool
peer_is_more_confined(pid_t pid)
{
	static const char *const names[] = {
		"NoNewPrivs:", "Seccomp:", "Seccomp_filters:"
	};
	char text[16];
	size_t i;

	snprintf(text, sizeof(text), "%ld", (long)pid);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (status_of(text, names[i]) > status_of("self", names[i]))
			return true;
	return false;
}

static bool
is_in_group(int fd, gid_t wanted)
{
	gid_t groups[256];
	socklen_t length = sizeof(groups);
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0)
		return false;
	for (i = 0; i < length / sizeof(groups[0]); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

const char *
peer_refusal(int fd, gid_t group)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return "who asks is unknown";
	if (peer.uid != 0 && peer.uid != geteuid() &&
	    (group == (gid_t)-1 ||
		(peer.gid != group && !is_in_group(fd, group))))
		return "only root, the user of prongd, and the group that "
		       "control_group names may ask";
	/* What descends from an ordinary user's process is that user's (it
	 * gets no new privileges), and others may be hidden from it. */
	if ((geteuid() == 0 || peer.uid == geteuid()) &&
	    peer_is_descendant(peer.pid))
		return "no process of prongd's own may ask";
	if (peer.uid != 0 && peer.uid == geteuid() &&
	    peer_is_more_confined(peer.pid))
		return "no process that is more confined than prongd may ask: "
		       "it may be left from another server";
	return NULL;
}
