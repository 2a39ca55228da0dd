/* SPDX-License-Identifier: ISC */
#include "master/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/shared_memory.h"
#include "base/signals.h"
#include "base/title.h"
#include "handover/handover.h"
#include "handover/snapshot.h"
#include "master/child.h"
#include "master/errorlog.h"
#include "master/master_state.h"

/* Within which a generation must be ready, beyond twice the time that handlers
 * have to open: they are opened in the check, too. */
#define START_MARGIN_MS 5000

/* The memory that the generation fills, and the same for reading. Without it prong(1)
 * shows less. */
struct files {
	int scoreboard, ledgers;
	int scoreboard_shown, ledgers_shown;
};

static struct files
make_files(void)
{
	struct files f;

	f.scoreboard = shared_memory_file("prong-scoreboard",
	    &f.scoreboard_shown);
	f.ledgers = shared_memory_file("prong-ledgers", &f.ledgers_shown);
	return f;
}

/* The descriptor of the handover, which survives an exec; -1 after logging. */
static int
write_handover(const struct master_state *state,
    const struct generation_inputs *in, const struct files *files, int control)
{
	const struct handover handover = {
		.generation = state->generations + 1,
		.is_reload = state->inputs.set && in != &state->inputs,
		.master_started = state->started,
		.master_started_ms = state->started_ms,
		.log_style = errorlog_style(in->set->error_log, state->style),
		.log_level = in->set->log_level,
		.control = control,
		.totals = state->totals,
		.scoreboard = files->scoreboard,
		.ledgers = files->ledgers,
		.bulletin = state->bulletin_fd,
		.access_log = in->access_log,
		.listeners = listeners_descriptors(&in->listeners),
		.listener_count = in->listeners.count,
	};

	return handover.listeners ? handover_write(&handover, in->set) : -1;
}

/* The title's room is made of spaces: a process can write over its arguments,
 * not extend them. */
static _Noreturn void
execute(const struct master_state *state, const struct generation_inputs *in,
    const struct files *files, int control)
{
	char title[TITLE_MAX_BYTES], number[16];
	char *argv[] = { title, (char[]){ "--generation" }, number, NULL };
	int fd;

	setpgid(0, 0);
	signals_reset();
	errorlog_take(in->error_log);
	fd = write_handover(state, in, files, control);
	if (fd < 0)
		_exit(1);
	memset(title, ' ', sizeof(title));
	title[sizeof(title) - 1] = '\0';
	memcpy(title, "prongd: generation", strlen("prongd: generation"));
	snprintf(number, sizeof(number), "%d", fd);
	/* Plugins are bound when they are loaded, not when they are called. */
	setenv("LD_BIND_NOW", "1", 1);
	execveat(state->binary, "", argv, environ, AT_EMPTY_PATH);
	log_error("cannot execute the generation: %s", strerror(errno));
	_exit(1);
}

int64_t
launch_time_ms(const struct snapshot *set)
{
	return 2 * set->open_timeout_ms + START_MARGIN_MS;
}

bool
launch_generation(struct master_state *state,
    const struct generation_inputs *in)
{
	const struct files files = make_files();
	struct generation_process *g;
	int control;
	pid_t pid = child_fork(&control);

	if (pid == 0)
		execute(state, in, &files, control);
	descriptor_close(files.scoreboard);
	descriptor_close(files.ledgers);
	if (pid < 0) {
		log_error("cannot fork a generation: %s", strerror(errno));
		descriptor_close(files.scoreboard_shown);
		descriptor_close(files.ledgers_shown);
		return false;
	}
	state->generations++;
	log_debug("fork() = %ld: generation %llu", (long)pid,
	    (unsigned long long)state->generations);
	g = generations_add(&state->table, pid, state->generations, control);
	g->deadline_ms = g->executed_ms + launch_time_ms(in->set);
	g->scoreboard = files.scoreboard_shown;
	g->ledgers = files.ledgers_shown;
	return true;
}
