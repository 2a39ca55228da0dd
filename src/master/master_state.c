/*
 * The state of a master that another release is to go on from: a manifest
 * (manifest.h) in a memfd, with all the lines of the snapshot.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master_state.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/slice.h"
#include "handover/manifest_io.h"
#include "handover/protocol.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"

/*
 * Writing it.
 */

static void
write_generations(struct manifest_writer *w, const struct generations *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		const struct generation_process *g = &l->all[i];

		manifest_printf(w, MANIFEST_GENERATION_FD, g->control,
		    "%llu %ld %d %lld %lld %lu", (unsigned long long)g->number,
		    (long)g->pid, g->phase, (long long)g->executed_ms,
		    (long long)g->deadline_ms, g->missing);
		manifest_printf(w, MANIFEST_SCOREBOARD_FD, g->scoreboard,
		    "%llu", (unsigned long long)g->number);
		manifest_printf(w, MANIFEST_LEDGERS_FD, g->ledgers, "%llu",
		    (unsigned long long)g->number);
	}
}

static void
write_listener(struct manifest_writer *w, const struct listener *l)
{
	manifest_printf(w, MANIFEST_LISTENER_FD, l->fd, "%ju %ju %s",
	    (uintmax_t)l->place.device, (uintmax_t)l->place.inode, l->text);
}

int
master_state_write(struct master_state *m)
{
	const struct generation_inputs *inputs = &m->inputs;
	struct manifest_writer w;
	size_t i;
	int fd;

	manifest_writer_init(&w, "prong-state", MANIFEST_FOR_UPGRADE);
	manifest_printf(&w, MANIFEST_STATE, -1, "%d", PROTOCOL_NUMBER);
	manifest_printf(&w, MANIFEST_STARTED, -1, "%lld",
	    (long long)m->started);
	manifest_printf(&w, MANIFEST_STARTED_MS, -1, "%lld",
	    (long long)m->started_ms);
	manifest_printf(&w, MANIFEST_GENERATIONS, -1, "%llu",
	    (unsigned long long)m->generations);
	manifest_printf(&w, MANIFEST_HUNG, -1, "%llu",
	    (unsigned long long)m->hung);
	manifest_write(&w, MANIFEST_PROGRAM_PATH, -1, m->program);
	manifest_printf(&w, MANIFEST_LOG, -1, "%d %d", (int)m->style,
	    (int)inputs->set->log_level);
	manifest_write(&w, MANIFEST_TOTALS_FD, m->totals, "");
	manifest_write(&w, MANIFEST_BULLETIN_FD, m->bulletin_fd, "");
	manifest_write(&w, MANIFEST_ACCESS_LOG_FD, inputs->access_log, "");
	manifest_write(&w, MANIFEST_ERROR_LOG_FD, inputs->error_log, "");
	manifest_write(&w, MANIFEST_STANDARD_ERROR_FD, errorlog_original(), "");
	for (i = 0; i < inputs->listeners.count; i++)
		write_listener(&w, &inputs->listeners.all[i]);
	write_generations(&w, &m->table);
	control_save(m->control, &w);
	snapshot_write(inputs->set, &w);
	fd = manifest_writer_finish(&w);
	if (fd < 0)
		log_error("cannot write the state for an upgrade: %s",
		    strerror(errno));
	return fd;
}

/*
 * Reading it.
 */

static bool
has_option(int fd, int option, int wanted)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 &&
	    value == wanted;
}

static bool
listens(int fd)
{
	return has_option(fd, SO_ACCEPTCONN, 1);
}

static bool
carries_messages(int fd)
{
	return has_option(fd, SO_TYPE, SOCK_SEQPACKET);
}

static bool
read_generation(struct master_state *m, int fd, const char *rest)
{
	unsigned long long number;
	long long executed_ms, deadline_ms;
	struct generation_process *g;
	unsigned long missing;
	long pid;
	int phase;

	if (sscanf(rest, "%llu %ld %d %lld %lld %lu", &number, &pid, &phase,
		&executed_ms, &deadline_ms, &missing) != 6 ||
	    pid <= 1 || phase < GENERATION_STARTING ||
	    phase > GENERATION_DRAINING || m->table.count == GENERATIONS_MAX ||
	    (fd >= 0 && !carries_messages(fd)))
		return false;
	g = generations_add(&m->table, (pid_t)pid, number, fd);
	g->phase = (enum generation_phase)phase;
	g->executed_ms = executed_ms;
	g->deadline_ms = deadline_ms;
	g->missing = missing;
	return true;
}

static bool
read_listener(struct master_state *m, int fd, const char *values)
{
	struct listener l = { .fd = fd };
	uintmax_t device, inode;
	int at = 0;

	if (sscanf(values, "%ju %ju%n", &device, &inode, &at) != 2 ||
	    values[at++] != ' ' || values[at] == '\0' || !listens(fd))
		return false;
	l.place = (struct unix_socket_place){ (dev_t)device, (ino_t)inode };
	return listeners_add(&m->inputs.listeners, values + at, &l) == 0;
}

static bool
read_log(struct master_state *m, const char *value)
{
	int style, level;

	if (sscanf(value, "%d %d", &style, &level) != 2 ||
	    style < LOG_STYLE_PLAIN || style > LOG_STYLE_SYSLOG ||
	    level < LEVEL_ERROR || level > LEVEL_DEBUG)
		return false;
	m->style = (enum log_style)style;
	log_open(m->style, (enum log_level)level);
	return true;
}

/* It comes behind the line of its generation. */
static bool
read_memory(struct master_state *m, const struct manifest_line *line)
{
	const unsigned long long number = strtoull(line->value, NULL, 10);
	struct generation_process *g;

	if (m->table.count == 0)
		return false;
	g = &m->table.all[m->table.count - 1];
	if (g->number != number)
		return false;
	if (line->keyword == MANIFEST_SCOREBOARD_FD)
		g->scoreboard = line->fd;
	else
		g->ledgers = line->fd;
	return true;
}

/* Lines with a descriptor. */
static bool
read_with_descriptor(struct master_state *m, const struct manifest_line *line)
{
	const int fd = line->fd;

	switch (line->keyword) {
	case MANIFEST_TOTALS_FD:
		m->totals = fd;
		return true;
	case MANIFEST_SCOREBOARD_FD:
	case MANIFEST_LEDGERS_FD:
		return read_memory(m, line);
	case MANIFEST_BULLETIN_FD:
		m->bulletin_fd = fd;
		return true;
	case MANIFEST_ACCESS_LOG_FD:
		m->inputs.access_log = fd;
		return true;
	case MANIFEST_ERROR_LOG_FD:
		m->inputs.error_log = fd;
		return true;
	case MANIFEST_STANDARD_ERROR_FD:
		errorlog_init(fd);
		return true;
	case MANIFEST_LISTENER_FD:
		return read_listener(m, fd, line->value);
	case MANIFEST_GENERATION_FD:
		return read_generation(m, fd, line->value);
	case MANIFEST_CONTROL_SOCKET_FD:
		return listens(fd) &&
		    control_restore_listener(m->control, fd, line->value);
	case MANIFEST_CLIENT_FD:
		return carries_messages(fd) && line->number <= INT_MAX &&
		    control_restore_client(m->control, fd, (int)line->number);
	default:
		return snapshot_take(m->inputs.set, line) == 0;
	}
}

static bool
read_line(struct master_state *m, const struct manifest_line *line)
{
	switch (line->keyword) {
	case MANIFEST_STARTED:
		m->started = line->number;
		return true;
	case MANIFEST_STARTED_MS:
		m->started_ms = line->number;
		return true;
	case MANIFEST_GENERATIONS:
		m->generations = (uint64_t)line->number;
		return true;
	case MANIFEST_HUNG:
		m->hung = (uint64_t)line->number;
		return true;
	case MANIFEST_PROGRAM_PATH:
		return (m->program = strdup(line->value));
	case MANIFEST_LOG:
		return read_log(m, line->value);
	default:
		return read_with_descriptor(m, line);
	}
}

/* What this release could not do without. */
static bool
is_whole(const struct master_state *m)
{
	return m->program && m->totals >= 0 && m->inputs.error_log >= 0 &&
	    m->inputs.set->error_log && m->generations > 0;
}

static bool
refuse(const char *why, const char *name)
{
	log_error("prongd %s cannot take over: the state %s \"%s\"",
	    PRONG_VERSION, why, name);
	return false;
}

static bool
refuse_line(const struct manifest_reader *r)
{
	log_error("prongd %s cannot take over: the state has an unusable line "
		  "\"%s\": %s",
	    PRONG_VERSION, r->text, manifest_describe(r->error));
	return false;
}

/* The first line says whether the others can be understood. */
static bool
read_protocol(struct manifest_reader *r)
{
	struct manifest_line line;
	uint64_t protocol;

	if (manifest_read(r, &line) != MANIFEST_LINE ||
	    line.keyword != MANIFEST_STATE)
		return refuse("does not begin with",
		    manifest_name(MANIFEST_STATE));
	if (slice_parse_number(slice_from_string(line.value), &protocol) &&
	    protocol == PROTOCOL_NUMBER)
		return true;
	log_error("prongd %s cannot take over: it speaks protocol %d, and the "
		  "state is of protocol %s",
	    PRONG_VERSION, PROTOCOL_NUMBER, line.value);
	return false;
}

static bool
read_lines(struct master_state *m, struct manifest_reader *r)
{
	struct manifest_line line;
	enum manifest_event event;

	if (!read_protocol(r))
		return false;
	while ((event = manifest_read(r, &line)) == MANIFEST_LINE)
		if (!read_line(m, &line))
			return refuse_line(r);
	if (event == MANIFEST_REFUSED)
		return refuse_line(r);
	if (event == MANIFEST_FAILED)
		return refuse("cannot be read:", strerror(errno));
	if (event == MANIFEST_CUT)
		return refuse("is cut: it lacks the line",
		    manifest_name(MANIFEST_END));
	return is_whole(m) ||
	    refuse("lacks lines before", manifest_name(MANIFEST_END));
}

bool
master_state_read(struct master_state *m, int fd)
{
	struct manifest_reader reader;
	bool ok = false;

	m->inputs.set = snapshot_new();
	m->control = control_new();
	if (manifest_reader_open(&reader, fd, MANIFEST_FOR_UPGRADE) == 0 &&
	    m->inputs.set && m->control)
		ok = read_lines(m, &reader);
	else
		log_error("prongd %s cannot take over: cannot read the state: "
			  "%s",
		    PRONG_VERSION, strerror(errno));
	manifest_reader_close(&reader);
	return ok;
}

void
master_state_drop(struct master_state *m)
{
	size_t i;

	generation_inputs_drop(&m->inputs);
	for (i = 0; i < m->table.count; i++)
		descriptor_close(m->table.all[i].control);
	if (m->control)
		control_drop(m->control);
	descriptor_close(m->totals);
	descriptor_close(m->bulletin_fd);
	free(m->program);
	*m = MASTER_STATE_NONE;
}
