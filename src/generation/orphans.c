/* SPDX-License-Identifier: ISC */
#include "generation/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "generation/children.h"

#define SWEEP_MS 250

struct orphans {
	int fd; /* the kernel's list of the generation's children */
	int64_t next_ms;
};

struct orphans *
orphans_new(void)
{
	struct orphans *o = calloc(1, sizeof(*o));
	char path[64];

	if (!o)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	o->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->fd < 0)
		log_warning("cannot open %s: %s; processes that handlers "
			    "start and detach outlive their connections",
		    path, strerror(errno));
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
orphans_end_next_group(void)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid > 0)
		kill(-info.si_pid, SIGKILL);
}

static bool
is_helper(const pid_t helpers[HELPERS_MAX], pid_t pid)
{
	size_t i;

	for (i = 0; i < HELPERS_MAX; i++)
		if (helpers[i] == pid)
			return true;
	return false;
}

static void
end_unknown(struct children *children, const pid_t *helpers, pid_t log_process,
    pid_t pid)
{
	size_t slot;

	if (pid == log_process || is_helper(helpers, pid) ||
	    children_find(children, pid, &slot))
		return;
	log_debug("kill(%ld): its connection has ended", (long)pid);
	kill(pid, SIGKILL);
}

int64_t
orphans_sweep(struct orphans *o, struct children *children,
    const pid_t helpers[HELPERS_MAX], pid_t log_process)
{
	int64_t now_ms = clock_ms();
	char text[4096], *p = text, *end;
	ssize_t n;
	long pid;

	if (o->fd < 0)
		return INT64_MAX;
	if (now_ms < o->next_ms)
		return o->next_ms;
	o->next_ms = now_ms + SWEEP_MS;
	n = pread(o->fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return o->next_ms;
	text[n] = '\0';
	/* The last number may be cut off; the next sweep reads it whole. */
	while ((pid = strtol(p, &end, 10)) > 0 && *end == ' ') {
		end_unknown(children, helpers, log_process, (pid_t)pid);
		p = end + 1;
	}
	return o->next_ms;
}
