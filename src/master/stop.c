/* SPDX-License-Identifier: ISC */
#include "master/stop.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "handover/snapshot.h"
#include "master/generations.h"
#include "master/notify.h"

/* Beyond the connections' grace, for a generation to end by itself. */
#define GENERATION_MARGIN_MS 2000

/* For this process to end its children, when they do not end by themselves. */
#define KILL_MARGIN_MS 2000

int64_t
stop_time_ms(const struct snapshot *set)
{
	return (set ? set->stop_grace_ms : 0) + GENERATION_MARGIN_MS;
}

bool
stop_is_announced(const struct stop *s)
{
	return s->leave_ms != INT64_MAX;
}

bool
stop_announce(struct stop *s, int64_t leave_ms)
{
	bool is_new = !stop_is_announced(s);

	if (leave_ms < s->leave_ms)
		s->leave_ms = leave_ms;
	return is_new;
}

void
stop_begin(struct stop *s, const struct snapshot *set, int64_t grace_ms)
{
	grace_ms += stop_time_ms(set);
	s->is_under_way = true;
	s->leave_ms = INT64_MAX;
	s->deadline_ms = clock_ms() + grace_ms;
	log_info("stopping");
	notify_stopping(grace_ms + KILL_MARGIN_MS);
}

void
stop_hurry(struct stop *s)
{
	s->deadline_ms = clock_ms();
}

/* Every process that is left, by the kernel's own list: each is a child not
 * yet waited for, so none of the numbers can mean another process. */
static void
kill_children(const struct generations *table)
{
	char path[64];
	size_t i;
	long pid;
	FILE *f;

	for (i = 0; i < table->count; i++)
		kill(-table->all[i].pid, SIGKILL);
	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	f = fopen(path, "re");
	if (!f)
		return;
	while (fscanf(f, "%ld", &pid) == 1)
		kill((pid_t)pid, SIGKILL);
	fclose(f);
}

void
stop_check(struct stop *s, const struct generations *table,
    const struct snapshot *set)
{
	int64_t now_ms = clock_ms();

	if (now_ms < s->deadline_ms)
		return;
	kill_children(table);
	s->deadline_ms = now_ms + stop_time_ms(set);
}
