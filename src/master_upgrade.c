/*
 * Another release in the master's place: the same process, so the same number,
 * children and listeners. After execve there is no way back, so the new program
 * first proves itself as a child: it must understand the arguments and the state
 * that it would begin with, and find nothing wrong with configuration and
 * handlers. Then it is executed, goes on from that state, and reloads. The state
 * is a text in a memfd:
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
 * What is asked for while the proof is under way waits: a reload or a reopening
 * would be half done when the other release begins. To stop ends the proof.
 *
 * SPDX-License-Identifier: ISC
 */
#include "master_state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "configuration.h"
#include "control.h"
#include "errorlog.h"
#include "generation.h"
#include "goodset.h"
#include "handover.h"
#include "master.h"
#include "notify.h"
#include "report.h"
#include "signals.h"
#include "trial.h"

/* Of the state and of the words between master and generation: a release that
 * changes either changes it, and will not take over from another. */
#define PROTOCOL	1

/* For the proof, beyond the time that handlers have to open. */
#define PROOF_MARGIN_MS	50000

#define FIRST_WORD	"prong-state "
#define LAST_LINE	"end"

/*
 * Writing the state.
 */

static void
write_descriptor(FILE *f, const char *keyword, int fd, const char *rest)
{
	fprintf(f, "%s %d %s\n", keyword, fd, rest);
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

static void
write_generations(FILE *f, const struct lineage *l)
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

/* The memfd, which like all in it survives an exec; -1 after logging. */
static int
write_state(struct master *m)
{
	int fd = memfd_create("prong-state", 0);
	FILE *f = fd < 0 ? NULL : fdopen(dup(fd), "w");
	bool ok = f != NULL;
	size_t i;

	if (ok) {
		fprintf(f, FIRST_WORD "%d\nstarted %lld\ngenerations %llu\n"
		    "program %s\nlog %d %d\n", PROTOCOL,
		    (long long)m->started,
		    (unsigned long long)m->generations, m->program,
		    (int)m->style, (int)m->basis.set->log_level);
		write_descriptor(f, "access-log", m->basis.access_log, "");
		write_descriptor(f, "error-log-file", m->basis.error_log, "");
		write_descriptor(f, "standard-error", errorlog_original(),
		    "");
		for (i = 0; i < m->basis.listeners.count; i++)
			write_descriptor(f, "listener",
			    m->basis.listeners.all[i].fd,
			    m->basis.listeners.all[i].text);
		write_generations(f, &m->lineage);
		control_save(m->control, f);
		ok = handover_write_set(f, m->basis.set) &&
		    fputs(LAST_LINE "\n", f) >= 0 && !ferror(f);
		ok = fclose(f) == 0 && ok && lseek(fd, 0, SEEK_SET) == 0;
	}
	if (ok)
		return fd;
	log_error("cannot write the state for an upgrade: %s",
	    strerror(errno));
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
read_generation(struct master *m, int fd, const char *rest)
{
	unsigned long long number;
	long long executed_ms, deadline_ms;
	struct generation_process *g;
	long pid;
	int phase;

	if (sscanf(rest, "%llu %ld %d %lld %lld", &number, &pid, &phase,
	    &executed_ms, &deadline_ms) != 5 || pid <= 1 ||
	    phase < GENERATION_STARTING || phase > GENERATION_DRAINING ||
	    m->lineage.count == LINEAGE_MAX ||
	    (fd >= 0 && !carries_messages(fd)))
		return false;
	g = lineage_add(&m->lineage, (pid_t)pid, number, fd);
	g->phase = (enum generation_phase)phase;
	g->executed_ms = executed_ms;
	g->deadline_ms = deadline_ms;
	return fd < 0 || take_descriptor(fd);
}

static bool
read_listener(struct master *m, int fd, const char *text)
{
	return listens(fd) && take_descriptor(fd) &&
	    listeners_add(&m->basis.listeners, text, fd) == 0;
}

static bool
read_log_descriptor(struct master *m, const char *keyword, int fd)
{
	if (strcmp(keyword, "access-log") == 0)
		m->basis.access_log = fd;
	else if (strcmp(keyword, "error-log-file") == 0)
		m->basis.error_log = fd;
	else
		errorlog_init(fd);
	return fd < 0 || take_descriptor(fd);
}

/* The descriptor stands between keyword and rest: "source 12 PATH". */
static bool
read_copy(struct master *m, const char *keyword, int fd, const char *rest)
{
	char text[GOODSET_LINE_BYTES];

	snprintf(text, sizeof(text), "%s %s", keyword, rest);
	return take_descriptor(fd) && goodset_add(m->basis.set, text, fd) == 0;
}

static bool
read_number(struct master *m, const char *keyword, const char *value)
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
read_log(struct master *m, const char *value)
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
read_with_descriptor(struct master *m, const char *keyword, int fd,
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
read_line(struct master *m, const char *line)
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
		return (m->program = strdup(value)) != NULL;
	return read_number(m, keyword, value) ||
	    goodset_add(m->basis.set, line, -1) == 0;
}

/* What this release could not do without. */
static bool
is_whole(const struct master *m)
{
	return m->program && m->basis.error_log >= 0 &&
	    m->basis.set->error_log && m->generations > 0;
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
read_lines(struct master *m, FILE *f, char **line)
{
	const size_t first = strlen(FIRST_WORD);
	size_t size = 0;
	ssize_t n;
	int protocol;

	n = getline(line, &size, f);
	if (n <= 0 || strncmp(*line, FIRST_WORD, first) != 0)
		return refuse("does not begin with", FIRST_WORD);
	if (sscanf(*line + first, "%d", &protocol) != 1 ||
	    protocol != PROTOCOL) {
		log_error("prongd %s cannot take over: it speaks protocol %d, "
		    "and the state is of protocol %.*s", PRONG_VERSION,
		    PROTOCOL, (int)strcspn(*line + first, "\n"),
		    *line + first);
		return false;
	}
	while ((n = getline(line, &size, f)) > 0 && (*line)[n - 1] == '\n') {
		(*line)[n - 1] = '\0';
		if (strcmp(*line, LAST_LINE) == 0)
			return is_whole(m) || refuse("lacks lines before",
			    LAST_LINE);
		if (!read_line(m, *line))
			return refuse("has an unusable line", *line);
	}
	return refuse("is cut: it lacks the line", LAST_LINE);
}

bool
master_read_state(struct master *m, int fd)
{
	FILE *f = fdopen(fd, "r");
	char *line = NULL;
	bool ok;

	m->basis.set = goodset_new();
	m->control = control_new();
	ok = f && m->basis.set && m->control;
	if (ok)
		ok = read_lines(m, f, &line);
	else
		log_error("prongd %s cannot take over: cannot read the state: "
		    "%s", PRONG_VERSION, strerror(errno));
	free(line);
	if (f)
		fclose(f);
	return ok;
}

/*
 * The proof, in the new program.
 */

static void
drop_descriptor(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Handlers are tried in a fork of this process, and none of it is theirs. Not
 * listeners_close, which would remove sockets that are in use. */
static void
drop_state(struct master *m)
{
	struct basis *b = &m->basis;
	size_t i;

	for (i = 0; i < b->listeners.count; i++) {
		close(b->listeners.all[i].fd);
		free(b->listeners.all[i].text);
	}
	free(b->listeners.all);
	for (i = 0; i < m->lineage.count; i++)
		drop_descriptor(m->lineage.all[i].control);
	drop_descriptor(b->access_log);
	drop_descriptor(b->error_log);
	drop_descriptor(errorlog_original());
	goodset_free(b->set);
	if (m->control)
		control_drop(m->control);
	free(m->program);
}

int
master_prove(const struct command *command)
{
	static struct master m = { .basis.access_log = -1,
	    .basis.error_log = -1 };
	struct report report = { 0 };
	struct configuration *c;
	bool ok;

	log_copy_to(command->copy);
	ok = master_read_state(&m, command->descriptor);
	drop_state(&m);
	if (!ok)
		return 1;
	c = reading_configuration(command, &report);
	ok = c && trial_check(c, &report) == 0;
	configuration_free(c);
	return ok ? 0 : 1;
}

/*
 * The old one.
 */

static bool
arguments_for_proof(const struct master *m, char *argv[], size_t max,
    char *option, char *numbers)
{
	char **own = m->command->arguments;
	size_t i;

	argv[0] = own[0];
	argv[1] = option;
	argv[2] = numbers;
	for (i = 1; own[i] && i + 3 < max; i++)
		argv[i + 2] = own[i];
	argv[i + 2] = NULL;
	return !own[i];
}

/* It holds what keeps the service alive, so it must not outlive the master. */
static _Noreturn void
prove(struct master *m, int program, int socket, pid_t master)
{
	char option[] = "--prove", numbers[32];
	char *argv[1024];
	int state;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != master)
		_exit(127);
	signals_reset();
	log_copy_to(socket);
	state = write_state(m);
	snprintf(numbers, sizeof(numbers), "%d,%d", state, socket);
	fcntl(socket, F_SETFD, 0);
	if (!arguments_for_proof(m, argv, sizeof(argv) / sizeof(argv[0]),
	    option, numbers))
		errno = E2BIG;
	else if (state >= 0)
		execveat(program, "", argv, environ, AT_EMPTY_PATH);
	if (state >= 0)
		log_error("cannot execute %s: %s", m->program,
		    strerror(errno));
	_exit(127);
}

bool
master_upgrade_is_under_way(const struct master *m)
{
	return m->upgrade.pid > 0 || m->upgrade.has_proved;
}

/* What has waited for it goes on. */
static void
fail(struct master *m, const char *why)
{
	struct upgrade *u = &m->upgrade;

	log_error("the upgrade has failed: %s; this release goes on", why);
	control_say(m->control, CONTROL_UPGRADE, "the upgrade has failed: %s; "
	    "release %s goes on", why, PRONG_VERSION);
	control_end(m->control, CONTROL_UPGRADE, 1);
	if (u->pid > 0)
		kill(u->pid, SIGKILL);
	drop_descriptor(u->socket);
	drop_descriptor(u->program);
	*u = MASTER_NO_UPGRADE;
	master_reload_next(m);
}

void
master_upgrade_give_up(struct master *m)
{
	if (m->upgrade.is_wanted || master_upgrade_is_under_way(m))
		fail(m, "prongd is stopping");
}

/* False after telling why. */
static bool
start_proof(struct master *m)
{
	struct upgrade *u = &m->upgrade;
	pid_t master = getpid();
	int ends[2];

	u->program = open(m->program, O_PATH | O_CLOEXEC);
	if (u->program < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET |
	    SOCK_CLOEXEC, 0, ends) < 0) {
		control_say(m->control, CONTROL_UPGRADE, "error: %s: %s",
		    m->program, strerror(errno));
		fail(m, "the program cannot be opened");
		return false;
	}
	log_info("trying %s", m->program);
	u->pid = fork();
	if (u->pid == 0)
		prove(m, u->program, ends[1], master);
	close(ends[1]);
	u->socket = ends[0];
	if (u->pid > 0)
		return true;
	control_say(m->control, CONTROL_UPGRADE, "error: %s",
	    strerror(errno));
	fail(m, "no process can be started");
	return false;
}

/* Asked for again meanwhile it is the same one. */
void
master_upgrade(struct master *m)
{
	struct upgrade *u = &m->upgrade;

	if (master_upgrade_is_under_way(m))
		return;
	if (m->stopping || m->leave_ms != INT64_MAX || !m->basis.set) {
		fail(m, "prongd is stopping or starting");
		return;
	}
	/* A generation that starts belongs to this release. */
	u->is_wanted = true;
	if (m->reload.phase != RELOAD_NONE || lineage_is_reopening(
	    &m->lineage) || lineage_in(&m->lineage, GENERATION_STARTING))
		return;
	u->is_wanted = false;
	if (start_proof(m))
		u->deadline_ms = clock_ms() + PROOF_MARGIN_MS +
		    m->basis.set->open_timeout_ms;
}

/* Whether there was one. */
static bool
take_message(struct master *m)
{
	const size_t said = strlen(LOG_COPY " ");
	struct upgrade *u = &m->upgrade;
	char text[CONTROL_MESSAGE_BYTES];
	ssize_t n;

	if (u->socket < 0)
		return false;
	n = recv(u->socket, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (n < 0)
		return false;
	if (n == 0) {
		/* Its end; the status tells the rest. */
		close(u->socket);
		u->socket = -1;
		return false;
	}
	text[n] = '\0';
	if (strncmp(text, LOG_COPY " ", said) == 0)
		control_say(m->control, CONTROL_UPGRADE, "%s", text + said);
	return true;
}

void
master_upgrade_polled(struct master *m)
{
	take_message(m);
	if (clock_ms() >= m->upgrade.deadline_ms)
		fail(m, "its proof takes too long");
}

void
master_upgrade_proved(struct master *m, bool has_succeeded)
{
	while (take_message(m))
		continue;
	m->upgrade.pid = 0;
	m->upgrade.deadline_ms = INT64_MAX;
	m->upgrade.has_proved = has_succeeded;
	if (!has_succeeded)
		fail(m, "the new program finds something wrong");
}

/* It did not come to it. */
static void
keep_from_exec(struct master *m, int state)
{
	unsetenv(MASTER_RESUME);
	activation_withdraw(&m->activation);
	notify_init();
	drop_descriptor(state);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* Comes back only when it could not. What is asked for from here on waits in
 * sockets, and signals are blocked: both are still there afterwards. */
static void
execute(struct master *m)
{
	char number[16];
	int state, saved;

	if (m->status_due_ms != INT64_MAX)
		master_status(m);
	if (m->wants_reopen)
		raise(SIGUSR1);
	state = write_state(m);
	snprintf(number, sizeof(number), "%d", state);
	if (state >= 0 && setenv(MASTER_RESUME, number, 1) == 0 &&
	    activation_export(&m->activation) == 0 && notify_export() == 0)
		execveat(m->upgrade.program, "", m->command->arguments,
		    environ, AT_EMPTY_PATH);
	saved = errno;
	keep_from_exec(m, state);
	fail(m, strerror(saved));
}

void
master_upgrade_next(struct master *m)
{
	if (m->upgrade.has_proved) {
		log_info("%s takes over", m->program);
		execute(m);
	} else if (m->upgrade.is_wanted && !m->stopping)
		master_upgrade(m);
}
