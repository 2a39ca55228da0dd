/*
 * The text of the state:
 *
 *	prong-state PROTOCOL
 *	started SECONDS
 *	generations NUMBER
 *	program PATH
 *	log STYLE LEVEL
 *	access-log FD
 *	error-log-file FD
 *	standard-error FD	as it was (errorlog.h)
 *	listener FD ADDRESS	(one line each)
 *	generation FD NUMBER PID PHASE EXECUTED-MS DEADLINE-MS
 *	control-socket FD GROUP DEVICE INODE PATH	(control.h)
 *	client FD TOPIC
 *
 * the lines of the good set (handover.h), and "end".
 *
 * SPDX-License-Identifier: ISC
 */
#include "master/master_state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "handover/handover.h"
#include "handover/protocol.h"
#include "handover/snapshot.h"
#include "master/control.h"
#include "master/errorlog.h"

#define FIRST_WORD "prong-state "
#define LAST_LINE  "end"

/*
 * Writing it.
 */

static void
write_descriptor(FILE *f, const char *keyword, int fd, const char *rest)
{
	fprintf(f, "%s %d %s\n", keyword, fd, rest);
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

static void
write_generations(FILE *f, const struct generations *l)
{
	char rest[128];
	size_t i;

	for (i = 0; i < l->count; i++) {
		const struct generation_process *g = &l->all[i];

		snprintf(rest, sizeof(rest), "%llu %ld %d %lld %lld",
		    (unsigned long long)g->number, (long)g->pid, g->phase,
		    (long long)g->executed_ms, (long long)g->deadline_ms);
		write_descriptor(f, "generation", g->control, rest);
	}
}

int
master_state_write(struct master_state *m)
{
	int fd = memfd_create("prong-state", 0);
	FILE *f = fd < 0 ? NULL : fdopen(dup(fd), "w");
	bool ok = f;
	size_t i;

	if (ok) {
		fprintf(f,
		    FIRST_WORD "%d\nstarted %lld\ngenerations %llu\n"
			       "program %s\nlog %d %d\n",
		    PROTOCOL_NUMBER, (long long)m->started,
		    (unsigned long long)m->generations, m->program,
		    (int)m->style, (int)m->inputs.set->log_level);
		write_descriptor(f, "access-log", m->inputs.access_log, "");
		write_descriptor(f, "error-log-file", m->inputs.error_log, "");
		write_descriptor(f, "standard-error", errorlog_original(), "");
		for (i = 0; i < m->inputs.listeners.count; i++)
			write_descriptor(f, "listener",
			    m->inputs.listeners.all[i].fd,
			    m->inputs.listeners.all[i].text);
		write_generations(f, &m->table);
		control_save(m->control, f);
		ok = handover_write_set(f, m->inputs.set) &&
		    fputs(LAST_LINE "\n", f) >= 0 && !ferror(f);
		ok = fclose(f) == 0 && ok && lseek(fd, 0, SEEK_SET) == 0;
	}
	if (ok)
		return fd;
	log_error("cannot write the state for an upgrade: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/*
 * Reading it.
 */

static bool
take_descriptor(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

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
	long pid;
	int phase;

	if (sscanf(rest, "%llu %ld %d %lld %lld", &number, &pid, &phase,
		&executed_ms, &deadline_ms) != 5 ||
	    pid <= 1 || phase < GENERATION_STARTING ||
	    phase > GENERATION_DRAINING || m->table.count == GENERATIONS_MAX ||
	    (fd >= 0 && !carries_messages(fd)))
		return false;
	g = generations_add(&m->table, (pid_t)pid, number, fd);
	g->phase = (enum generation_phase)phase;
	g->executed_ms = executed_ms;
	g->deadline_ms = deadline_ms;
	return fd < 0 || take_descriptor(fd);
}

static bool
read_listener(struct master_state *m, int fd, const char *text)
{
	return listens(fd) && take_descriptor(fd) &&
	    listeners_add(&m->inputs.listeners, text, fd) == 0;
}

static bool
read_log_descriptor(struct master_state *m, const char *keyword, int fd)
{
	if (strcmp(keyword, "access-log") == 0)
		m->inputs.access_log = fd;
	else if (strcmp(keyword, "error-log-file") == 0)
		m->inputs.error_log = fd;
	else
		errorlog_init(fd);
	return fd < 0 || take_descriptor(fd);
}

/* The descriptor stands between keyword and rest: "source 12 PATH". */
static bool
read_copy(struct master_state *m, const char *keyword, int fd, const char *rest)
{
	char text[SNAPSHOT_LINE_BYTES];

	snprintf(text, sizeof(text), "%s %s", keyword, rest);
	return take_descriptor(fd) &&
	    snapshot_add(m->inputs.set, text, fd) == 0;
}

static bool
read_number(struct master_state *m, const char *keyword, const char *value)
{
	long long number;
	char *end;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || number < 0)
		return false;
	if (strcmp(keyword, "started") == 0)
		m->started = number;
	else if (strcmp(keyword, "generations") == 0)
		m->generations = (uint64_t)number;
	else
		return false;
	return true;
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

static bool
is_log(const char *keyword)
{
	return strcmp(keyword, "access-log") == 0 ||
	    strcmp(keyword, "error-log-file") == 0 ||
	    strcmp(keyword, "standard-error") == 0;
}

static bool
read_with_descriptor(struct master_state *m, const char *keyword, int fd,
    const char *rest)
{
	if (is_log(keyword))
		return read_log_descriptor(m, keyword, fd);
	if (strcmp(keyword, "listener") == 0)
		return read_listener(m, fd, rest);
	if (strcmp(keyword, "generation") == 0)
		return read_generation(m, fd, rest);
	if (strcmp(keyword, "control-socket") == 0)
		return listens(fd) &&
		    control_restore_listener(m->control, fd, rest);
	if (strcmp(keyword, "client") == 0)
		return carries_messages(fd) &&
		    control_restore_client(m->control, fd, atoi(rest));
	return read_copy(m, keyword, fd, rest);
}

static bool
has_descriptor(const char *keyword)
{
	static const char *const keywords[] = { "listener", "generation",
		"control-socket", "client", "source", "page", "plugin" };
	size_t i;

	if (is_log(keyword))
		return true;
	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i], keyword) == 0)
			return true;
	return false;
}

static bool
read_line(struct master_state *m, const char *line)
{
	char keyword[32];
	const char *value = strchr(line, ' ');
	size_t length = value ? (size_t)(value - line) : 0;
	char *rest;
	long fd;

	if (!value || length >= sizeof(keyword))
		return false;
	memcpy(keyword, line, length);
	keyword[length] = '\0';
	value++;
	if (has_descriptor(keyword)) {
		fd = strtol(value, &rest, 10);
		return rest != value && *rest == ' ' && fd >= -1 &&
		    fd <= INT_MAX &&
		    read_with_descriptor(m, keyword, (int)fd, rest + 1);
	}
	if (strcmp(keyword, "log") == 0)
		return read_log(m, value);
	if (strcmp(keyword, "program") == 0)
		return (m->program = strdup(value));
	return read_number(m, keyword, value) ||
	    snapshot_add(m->inputs.set, line, -1) == 0;
}

/* What this release could not do without. */
static bool
is_whole(const struct master_state *m)
{
	return m->program && m->inputs.error_log >= 0 &&
	    m->inputs.set->error_log && m->generations > 0;
}

static bool
refuse(const char *why, const char *line)
{
	log_error("prongd %s cannot take over: the state %s \"%s\"",
	    PRONG_VERSION, why, line);
	return false;
}

/* True with the last line. */
static bool
read_lines(struct master_state *m, FILE *f, char **line)
{
	const size_t first = strlen(FIRST_WORD);
	size_t size = 0;
	ssize_t n;
	int protocol;

	n = getline(line, &size, f);
	if (n <= 0 || strncmp(*line, FIRST_WORD, first) != 0)
		return refuse("does not begin with", FIRST_WORD);
	if (sscanf(*line + first, "%d", &protocol) != 1 ||
	    protocol != PROTOCOL_NUMBER) {
		log_error("prongd %s cannot take over: it speaks protocol %d, "
			  "and the state is of protocol %.*s",
		    PRONG_VERSION, PROTOCOL_NUMBER,
		    (int)strcspn(*line + first, "\n"), *line + first);
		return false;
	}
	while ((n = getline(line, &size, f)) > 0 && (*line)[n - 1] == '\n') {
		(*line)[n - 1] = '\0';
		if (strcmp(*line, LAST_LINE) == 0)
			return is_whole(m) ||
			    refuse("lacks lines before", LAST_LINE);
		if (!read_line(m, *line))
			return refuse("has an unusable line", *line);
	}
	return refuse("is cut: it lacks the line", LAST_LINE);
}

bool
master_state_read(struct master_state *m, int fd)
{
	FILE *f = fdopen(fd, "r");
	char *line = NULL;
	bool ok;

	m->inputs.set = snapshot_new();
	m->control = control_new();
	ok = f && m->inputs.set && m->control;
	if (ok)
		ok = read_lines(m, f, &line);
	else
		log_error("prongd %s cannot take over: cannot read the state: "
			  "%s",
		    PRONG_VERSION, strerror(errno));
	free(line);
	if (f)
		fclose(f);
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
	free(m->program);
	*m = MASTER_STATE_NONE;
}
