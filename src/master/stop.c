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
 * yet waited for, so none of the numbers can mean another process. Returns how
 * many there are. */
static size_t
signal_children(int signal)
{
	char path[64];
	size_t count = 0;
	long pid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	f = fopen(path, "re");
	if (!f)
		return 0;
	for (; fscanf(f, "%ld", &pid) == 1; count++)
		kill((pid_t)pid, signal);
	fclose(f);
	return count;
}

/* The times between the steps; the last is that of giving up. */
static const int64_t step_ms[] = { 200, 400, 400, 400 };

#define STEPS (int)(sizeof(step_ms) / sizeof(step_ms[0]))

/* Guardians of connections become children of this process when their generation
 * has been killed. By SIGTERM they end what they guard, by SIGKILL they could
 * not. A process that even SIGKILL does not end is left behind. */
static void
take_step(struct stop *s, const struct generations *table)
{
	size_t i, count;

	for (i = 0; i < table->count; i++)
		kill(-table->all[i].pid, SIGKILL);
	count = signal_children(s->step < 2 ? SIGTERM : SIGKILL);
	if (s->step < STEPS)
		return;
	log_error("%zu processes do not end; they are left behind", count);
	s->gives_up = true;
}

void
stop_check(struct stop *s, const struct generations *table)
{
	int64_t now_ms = clock_ms();

	if (now_ms < s->deadline_ms)
		return;
	take_step(s, table);
	s->deadline_ms = s->step < STEPS ? now_ms + step_ms[s->step++] :
					   INT64_MAX;
}
