/* SPDX-License-Identifier: ISC */
#include "connection/descent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descendants.h"
#include "base/log.h"

/* Rounds in which further processes are looked for, before the found ones are
 * killed. */
#define ROUNDS_MAX 200

/* The kernel's PID_MAX_LIMIT. */
#define PIDS_MAX (4 * 1024 * 1024)

struct census {
	pid_t ward;
	size_t count;
};

/* The processes that were stopped, a bit for each number, and in their order.
 * A stopped process neither ends nor waits for a child, so the number of none
 * can be another's before it is killed. */
struct stopped {
	unsigned char *known;
	pid_t *pids;
	size_t count, room;
	bool is_short;
};

void
descent_open(struct descent *d)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	d->own_list = open(path, O_RDONLY | O_CLOEXEC);
	if (d->own_list < 0)
		log_warning("cannot open %s: %s; processes of handlers are not "
			    "counted",
		    path, strerror(errno));
}

static void
count_one(void *context, pid_t pid)
{
	struct census *c = context;

	c->count += pid != c->ward;
}

size_t
descent_count(const struct descent *d, pid_t ward)
{
	struct census c = { ward, 0 };

	if (d->own_list >= 0)
		descendants_visit(getpid(), count_one, &c);
	return c.count;
}

static bool
remember(struct stopped *s, pid_t pid)
{
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		pid_t *grown = reallocarray(s->pids, room, sizeof(*grown));

		if (!grown)
			return false;
		s->pids = grown;
		s->room = room;
	}
	s->pids[s->count++] = pid;
	s->known[pid / 8] |= (unsigned char)(1 << pid % 8);
	return true;
}

static void
stop_one(void *context, pid_t pid)
{
	struct stopped *s = context;

	if (pid >= PIDS_MAX || s->known[pid / 8] & 1 << pid % 8)
		return;
	if (kill(pid, SIGSTOP) == 0 && !remember(s, pid))
		kill(pid, SIGKILL);
}

static void
kill_one(void *context, pid_t pid)
{
	(void)context;
	kill(pid, SIGKILL);
}

static void
stop_and_kill(void)
{
	struct stopped s = { .known = calloc(PIDS_MAX / 8, 1) };
	size_t before, i;
	int round = 0;

	if (!s.known) {
		descendants_visit(getpid(), kill_one, NULL);
		return;
	}
	do {
		before = s.count;
		descendants_visit(getpid(), stop_one, &s);
	} while (s.count > before && ++round < ROUNDS_MAX);
	for (i = 0; i < s.count; i++)
		kill(s.pids[i], SIGKILL);
	free(s.pids);
	free(s.known);
}

void
descent_kill(const struct descent *d)
{
	if (d->is_scoped)
		kill(-1, SIGKILL);
	else
		stop_and_kill();
}
