/* SPDX-License-Identifier: ISC */
#include "generation/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descendants.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "generation/children.h"
#include "sandbox/sandbox.h"

/* The interval of sweeps; while something is found, and for a time after a
 * guardian was killed; and the longest time of one. */
#define SWEEP_MS   5000
#define HURRY_MS   10
#define HURRIES_MS 2000
#define LONGEST_US 2000

/* The longest time for the last ones, at the end of the generation. */
#define LAST_MS 300

struct orphans {
	int fd; /* the kernel's list of the generation's children */
	int64_t next_ms, hurry_until_ms;
};

struct sweep {
	struct children *children;
	const pid_t *helpers; /* HELPERS_MAX; NULL: none is spared */
	size_t found;
};

struct orphans *
orphans_new(void)
{
	struct orphans *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->fd = descendants_open_list();
	if (o->fd < 0)
		log_warning("cannot open the list of own children in /proc: "
			    "%s; processes that handlers start may outlive a "
			    "guardian that is killed",
		    strerror(errno));
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	return o;
}

void
orphans_free(struct orphans *o)
{
	descriptor_close(o->fd);
	free(o);
}

int *
orphans_descriptor(struct orphans *o)
{
	return &o->fd;
}

void
orphans_expect(struct orphans *o)
{
	const int64_t now_ms = clock_ms();

	o->hurry_until_ms = now_ms + HURRIES_MS;
	o->next_ms = now_ms;
}

static bool
is_helper(const pid_t *helpers, pid_t pid)
{
	size_t i;

	for (i = 0; helpers && i < HELPERS_MAX; i++)
		if (helpers[i] == pid)
			return true;
	return false;
}

static void
end_unknown(void *context, pid_t pid)
{
	struct sweep *s = context;
	size_t slot;

	if (children_find(s->children, pid, &slot) ||
	    is_helper(s->helpers, pid))
		return;
	s->found++;
	kill(pid, SIGKILL);
}

/* A chain of forks has to be overtaken, but nobody else may wait for that. */
static size_t
sweep(struct orphans *o, struct children *children, const pid_t *helpers)
{
	const int64_t until_us = clock_us() + LONGEST_US;
	struct sweep s = { .children = children, .helpers = helpers };
	size_t before;

	do {
		before = s.found;
		if (descendants_read_list(o->fd, end_unknown, &s) < 0)
			break;
	} while (s.found > before && clock_us() < until_us);
	return s.found;
}

void
orphans_end_all(struct orphans *o, const struct sandbox *sandbox,
    struct children *children)
{
	const int64_t until_ms = clock_ms() + LAST_MS;
	pid_t pid;

	do {
		if (!sandbox_kill_all(sandbox) && o->fd >= 0)
			sweep(o, children, NULL);
		do
			pid = waitpid(-1, NULL, WNOHANG);
		while (pid > 0);
		if (pid < 0)
			return;
		poll(NULL, 0, 1);
	} while (clock_ms() < until_ms);
}

int64_t
orphans_sweep(struct orphans *o, struct children *children,
    const pid_t helpers[HELPERS_MAX])
{
	const int64_t now_ms = clock_ms();

	if (o->fd < 0)
		return INT64_MAX;
	if (now_ms < o->next_ms)
		return o->next_ms;
	if (sweep(o, children, helpers) > 0)
		o->hurry_until_ms = now_ms + HURRIES_MS;
	o->next_ms = now_ms +
	    (now_ms < o->hurry_until_ms ? HURRY_MS : SWEEP_MS);
	return o->next_ms;
}
