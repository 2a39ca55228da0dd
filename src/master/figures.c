/* SPDX-License-Identifier: ISC */
#include "master/figures.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/descriptor.h"
#include "master/control.h"
#include "master/master_state.h"

/* A generation without memory of its own is that of an earlier release. */
static void
pass_generation(struct control *control, const struct generation_process *g)
{
	const int fds[] = { g->scoreboard, g->ledgers };
	const size_t count = g->scoreboard < 0 ? 0 : g->ledgers < 0 ? 1 : 2;
	char message[64];

	snprintf(message, sizeof(message), "generation %llu %ld %s",
	    (unsigned long long)g->number, (long)g->pid,
	    generations_phase_name(g->phase));
	control_pass(control, CONTROL_FIGURES, message, fds, count);
}

/* Generations write what the master has open; prong(1) must not. */
static void
pass_totals(const struct master_state *state)
{
	char proc[40];
	int fd;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", state->totals);
	fd = open(proc, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		control_pass(state->control, CONTROL_FIGURES, "totals", &fd, 1);
	descriptor_close(fd);
}

void
figures_say(const struct master_state *state)
{
	const struct generations *table = &state->table;
	size_t i;

	for (i = 0; i < table->count; i++)
		pass_generation(state->control, &table->all[i]);
	pass_totals(state);
	control_end(state->control, CONTROL_FIGURES, 0);
}
