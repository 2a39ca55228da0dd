/* SPDX-License-Identifier: ISC */
#include "master/peer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* asm-generic/socket.h since Linux 6.5; the other numbers are those of sparc and
 * parisc. */
#ifndef SO_PEERPIDFD
#if defined(__sparc__)
#define SO_PEERPIDFD 0x0056
#elif defined(__hppa__)
#define SO_PEERPIDFD 0x404b
#else
#define SO_PEERPIDFD 77
#endif
#endif

/* Nobody nests processes deeper. */
#define DEPTH_MAX 1000

/* A chain in which a process ends while it is read is read again. */
#define READINGS_MAX 10

/*
 * The process.
 */

struct facts {
	pid_t parent;
	unsigned long long started;
};

/* The fourth and the 22nd of proc_pid_stat(5); the second, in brackets, may hold
 * anything. */
static bool
read_facts(pid_t pid, struct facts *facts)
{
	char path[32], text[512];
	const char *bracket;
	size_t n = 0;
	long parent;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	bracket = strrchr(text, ')');
	if (!bracket ||
	    sscanf(bracket + 1,
		" %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d "
		"%*d %*d %*d %*d %llu",
		&parent, &facts->started) != 2)
		return false;
	facts->parent = (pid_t)parent;
	return true;
}

/* -1: none to be found. */
static pid_t
parent_of(pid_t pid)
{
	struct facts facts;

	return read_facts(pid, &facts) ? facts.parent : -1;
}

bool
peer_hold_number(struct peer_process *p, pid_t pid)
{
	struct facts facts = { 0, 0 };

	*p = (struct peer_process){ -1, pid, 0 };
	/* A process that is hidden has no start here, before and after. */
	if (!read_facts(pid, &facts) && kill(pid, 0) < 0 && errno == ESRCH)
		return false;
	p->started = facts.started;
	return true;
}

bool
peer_hold(struct peer_process *p, int socket, pid_t pid)
{
	socklen_t length = sizeof(p->fd);

	*p = (struct peer_process){ -1, pid, 0 };
	/* Outside of this namespace. */
	if (pid == 0 ||
	    getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &p->fd, &length) == 0)
		return true;
	p->fd = -1;
	if (errno == ENOPROTOOPT)
		return peer_hold_number(p, pid);
	/* The kernel has no pidfd for what was waited for. */
	if (errno == EINVAL || errno == ENODATA)
		errno = ESRCH;
	return false;
}

/* A pidfd becomes readable when its process ends, before the parent waits for
 * it, so before the number can be used again. */
static bool
has_ended(int pidfd)
{
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };

	return poll(&pfd, 1, 0) != 0;
}

bool
peer_release(struct peer_process *p)
{
	struct peer_process now;
	bool lives;

	if (p->pid == 0)
		return true;
	if (p->fd < 0)
		return peer_hold_number(&now, p->pid) &&
		    now.started == p->started;
	lives = !has_ended(p->fd);
	close(p->fd);
	p->fd = -1;
	return lives;
}

/*
 * Its descent.
 */

struct chain {
	pid_t pids[DEPTH_MAX]; /* each is the parent of the one before */
	size_t count;
};

enum descent { DESCENT_OWN, DESCENT_OTHER, DESCENT_UNKNOWN };

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

static enum descent
climb(struct chain *c, pid_t pid)
{
	const pid_t own = getpid();
	pid_t parent;

	for (c->count = 0; c->count < DEPTH_MAX; pid = parent) {
		c->pids[c->count++] = pid;
		if (pid == own)
			return DESCENT_OWN;
		/* The first of all has no parent. */
		if (pid == 0 || pid == 1)
			return DESCENT_OTHER;
		parent = parent_of(pid);
		if (parent < 0)
			return is_of_another(pid) ? DESCENT_OTHER :
						    DESCENT_UNKNOWN;
	}
	return DESCENT_UNKNOWN;
}

/*
 * Whether the chain is still the same, from the first process on, which lives. A
 * parent that was the same before and after its own entry was read has lived in
 * between, so that entry was its own, and not that of a later process with its
 * number. Hence the entries are read again in the opposite order.
 */
static bool
is_confirmed(const struct chain *c)
{
	size_t i;

	for (i = c->count - 1; i > 0; i--)
		if (parent_of(c->pids[i - 1]) != c->pids[i])
			return false;
	return true;
}

static enum descent
find_descent(pid_t pid)
{
	struct chain chain;
	int i;

	for (i = 0; i < READINGS_MAX; i++) {
		enum descent descent = climb(&chain, pid);

		if (descent == DESCENT_OWN ||
		    (descent == DESCENT_OTHER && is_confirmed(&chain)))
			return descent;
	}
	return DESCENT_UNKNOWN;
}

bool
peer_is_descendant(pid_t pid)
{
	return find_descent(pid) != DESCENT_OTHER;
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

/*
 * Its permission.
 */

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

/* What descends from an ordinary user's process is that user's (it gets no new
 * privileges), and others may be hidden from it. */
static bool
may_descend(const struct ucred *peer)
{
	return geteuid() == 0 || peer->uid == geteuid();
}

static const char *
refuse_descendant(int fd, pid_t pid)
{
	struct peer_process process;
	enum descent descent;
	bool lives;

	if (!peer_hold(&process, fd, pid))
		return errno == ESRCH ? "the process that asks has ended" :
					"the process that asks is unknown";
	descent = find_descent(pid);
	lives = peer_release(&process);
	if (!lives)
		return "the process that asks has ended";
	if (descent == DESCENT_UNKNOWN)
		return "no process of prongd's own may ask, and /proc does not "
		       "tell whether this is one";
	return descent == DESCENT_OWN ? "no process of prongd's own may ask" :
					NULL;
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
	if (may_descend(&peer)) {
		const char *why = refuse_descendant(fd, peer.pid);

		if (why)
			return why;
	}
	if (peer.uid != 0 && peer.uid == geteuid() &&
	    peer_is_more_confined(peer.pid))
		return "no process that is more confined than prongd may ask: "
		       "it may be left from another server";
	return NULL;
}
