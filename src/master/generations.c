/* SPDX-License-Identifier: ISC */
#include "master/generations.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "handover/protocol.h"
#include "master/generation_message.h"

struct generation_process *
generations_add(struct generations *l, pid_t pid, uint64_t number, int control)
{
	struct generation_process *g = &l->all[l->count];

	assert(l->count < GENERATIONS_MAX);
	l->count++;
	*g = (struct generation_process){
		.pid = pid,
		.number = number,
		.control = control,
		.phase = GENERATION_STARTING,
		.executed_ms = clock_ms(),
		.deadline_ms = INT64_MAX,
		.scoreboard = -1,
		.ledgers = -1,
	};
	pulse_hear(&g->pulse, g->executed_ms);
	return g;
}

struct generation_process *
generations_find(struct generations *l, pid_t pid)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->all[i].pid == pid)
			return &l->all[i];
	return NULL;
}

struct generation_process *
generations_in(struct generations *l, enum generation_phase phase)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->all[i].phase == phase)
			return &l->all[i];
	return NULL;
}

void
generations_remove(struct generations *l, struct generation_process *g)
{
	descriptor_close(g->control);
	descriptor_close(g->scoreboard);
	descriptor_close(g->ledgers);
	l->count--;
	memmove(g, g + 1, (size_t)(&l->all[l->count] - g) * sizeof(*g));
}

void
generations_kill(struct generation_process *g)
{
	/* Its group, which it makes itself: perhaps not yet. */
	if (kill(-g->pid, SIGKILL) < 0)
		kill(g->pid, SIGKILL);
	if (g->control >= 0)
		close(g->control);
	g->control = -1;
	g->deadline_ms = INT64_MAX;
}

void
generations_end_hung(struct generation_process *g)
{
	kill(g->pid, SIGKILL);
	close(g->control);
	g->control = -1;
	g->deadline_ms = INT64_MAX;
}

bool
generations_is_awake(const struct generation_process *g)
{
	return g->phase != GENERATION_STARTING && g->control >= 0;
}

void
generations_end_starting(struct generations *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		struct generation_process *g = &l->all[i];

		if (g->phase != GENERATION_STARTING || g->control < 0)
			continue;
		log_info("generation %llu is not needed any more",
		    (unsigned long long)g->number);
		generations_kill(g);
	}
}

void
generations_ask_counts(struct generations *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		/* One that starts has none, and listens to nobody yet. */
		l->all[i].has_counted = l->all[i].control < 0 ||
		    l->all[i].phase == GENERATION_STARTING;
		if (!l->all[i].has_counted)
			generation_message_tell(&l->all[i], PROTOCOL_COUNT);
	}
}

void
generations_note_workers(struct generation_process *g, const size_t *numbers,
    size_t count)
{
	const size_t first = count > 0 ? numbers[0] : GENERATION_WORKERS_MAX;
	size_t i;

	for (i = first, numbers++; i < GENERATION_WORKERS_MAX &&
	     (i - first + 1) * PROTOCOL_WORKER_NUMBERS < count;
	     i++, numbers += PROTOCOL_WORKER_NUMBERS) {
		g->workers[i] = (struct generation_worker){
			.pid = (pid_t)numbers[0],
			.age_s = numbers[1],
			.connections = numbers[2],
			.requests = numbers[3],
		};
		g->worker_count = i + 1;
	}
}

bool
generations_has_counted(const struct generations *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!l->all[i].has_counted)
			return false;
	return true;
}

bool
generations_is_reopening(const struct generations *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->all[i].reopening > 0)
			return true;
	return false;
}

const char *
generations_phase_name(enum generation_phase phase)
{
	switch (phase) {
	case GENERATION_STARTING:
		return "starting";
	case GENERATION_SERVING:
		return "serving";
	case GENERATION_DRAINING:
	default:
		return "draining";
	}
}

int64_t
generations_deadline(const struct generations *l)
{
	int64_t earliest = INT64_MAX;
	size_t i;

	for (i = 0; i < l->count; i++) {
		const struct generation_process *g = &l->all[i];

		earliest = clock_earlier(earliest, g->deadline_ms);
		if (generations_is_awake(g))
			earliest = clock_earlier(earliest,
			    pulse_due_ms(&g->pulse));
	}
	return earliest;
}
