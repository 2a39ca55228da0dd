/* SPDX-License-Identifier: ISC */
#include "connection/descent.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/descendants.h"
#include "base/log.h"

struct census {
	pid_t ward;
	size_t count;
};

void
descent_open(struct descent *d)
{
	d->own_list = descendants_open_list();
	if (d->own_list < 0)
		log_warning("cannot open the list of own children in /proc: "
			    "%s; processes of handlers are not counted",
		    strerror(errno));
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

static void
kill_one(void *context, pid_t pid)
{
	(void)context;
	kill(pid, SIGKILL);
}

void
descent_kill(const struct descent *d)
{
	if (d->is_scoped)
		kill(-1, SIGKILL);
	else
		descendants_visit(getpid(), kill_one, NULL);
}
