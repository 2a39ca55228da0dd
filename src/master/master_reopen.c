/*
 * Other log files in the place of those that are open, as after a rotation. The
 * master opens them and hands them to every generation. Connections that live
 * keep the old ones: when the last of them has ended, the old files are
 * complete, and whoever waits for that is told.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master_state.h"

#include <unistd.h>

#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"
#include "master/logfile.h"

static void
fail(struct master *m)
{
	control_say(m->control, CONTROL_REOPEN, "error: %s", log_last_error());
	control_end(m->control, CONTROL_REOPEN, 1);
}

/* Both, or neither. */
static bool
open_logs(const struct snapshot *set, int *error_log, int *access_log)
{
	*access_log = -1;
	*error_log = errorlog_open(set->error_log, &set->identity);
	if (*error_log < 0)
		return false;
	if (!set->access_log)
		return true;
	*access_log = logfile_open_access(set->access_log, &set->identity);
	if (*access_log >= 0)
		return true;
	close(*error_log);
	return false;
}

static void
take_logs(struct master *m, int error_log, int access_log)
{
	struct basis *b = &m->basis;

	close(b->error_log);
	b->error_log = error_log;
	if (b->access_log >= 0)
		close(b->access_log);
	b->access_log = access_log;
	master_take_log(m, b);
}

static void
pass_on(struct master *m, struct generation_process *g)
{
	const struct basis *b = &m->basis;

	if (g->control < 0)
		return;
	g->reopening = m->reopenings;
	generations_send(g,
	    &(struct protocol_message){
		.kind = PROTOCOL_REOPEN,
		.number = m->reopenings,
		.fds = { b->error_log, b->access_log },
		.fd_count = b->access_log >= 0 ? 2 : 1,
	    });
}

void
master_reopen(struct master *m)
{
	int error_log, access_log;
	size_t i;

	/* A generation that starts has the old ones already. */
	m->wants_reopen = true;
	if (m->reload.phase != RELOAD_NONE || master_upgrade_is_under_way(m) ||
	    generations_in(&m->table, GENERATION_STARTING))
		return;
	m->wants_reopen = false;
	if (!open_logs(m->basis.set, &error_log, &access_log)) {
		fail(m);
		return;
	}
	take_logs(m, error_log, access_log);
	m->reopenings++;
	log_info("the logs are open anew");
	for (i = 0; i < m->table.count; i++)
		pass_on(m, &m->table.all[i]);
	if (!generations_is_reopening(&m->table))
		control_end(m->control, CONTROL_REOPEN, 0);
}

void
master_reopen_next(struct master *m)
{
	if (m->wants_reopen)
		master_reopen(m);
}

void
master_reopened(struct master *m, struct generation_process *g, uint64_t number)
{
	if (g->reopening == 0 || g->reopening != number)
		return;
	g->reopening = 0;
	if (!generations_is_reopening(&m->table))
		control_end(m->control, CONTROL_REOPEN, 0);
}
