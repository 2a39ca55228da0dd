/*
 * The master's loop waits for three things: a word or the end of a generation,
 * a signal, a time. What a generation goes through (lineage.h):
 *
 *	starting ──ready──▶ serving ──another is ready──▶ draining ──▶ ended
 *	    │ too late,        │ ended: replaced, at once after a life of
 *	    ▼ ended            ▼ its own, else after a delay that doubles
 *
 * SPDX-License-Identifier: ISC
 */
#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "configuration.h"
#include "errorlog.h"
#include "generation.h"
#include "handover.h"
#include "lineage.h"
#include "listener.h"
#include "log.h"
#include "logfile.h"
#include "notify.h"
#include "plugin.h"
#include "signals.h"
#include "title.h"

/* Within which a generation must be ready, beyond twice the time that handlers
 * have to open: they are opened in the trial, too. */
#define START_MARGIN_MS		5000

/* Beyond the connections' grace, for the generation to end by itself. */
#define STOP_MARGIN_MS		2000

/* A generation that lived shorter than this is replaced after a delay. */
#define SHORT_LIFE_MS		1000
#define FIRST_DELAY_MS		100
#define LONGEST_DELAY_MS	5000

/* A generation that handlers crash in is not replaced more often than this. */
#define RENEWAL_MS		60000

struct master {
	struct handover handover;	/* the last good set */
	struct configuration *configuration;
	struct lineage lineage;
	int binary;			/* this program, open (O_PATH) */
	bool ever_ready;
	bool stopping;
	bool failed;			/* the first one never got ready */
	int64_t stop_deadline_ms;	/* INT64_MAX: not stopping */
	int64_t restart_ms;		/* INT64_MAX: none is due */
	int64_t delay_ms;
	int64_t renewed_ms;		/* when a worn one was replaced last */
};

static bool
open_access_log(struct master *m)
{
	if (!m->configuration->access_log)
		return true;
	m->handover.access_log = logfile_open_access(m->configuration);
	return m->handover.access_log >= 0;
}

static bool
open_listeners(struct master *m)
{
	const struct configuration *c = m->configuration;
	struct handover *h = &m->handover;
	size_t i;

	h->listeners = calloc(c->listen_count, sizeof(h->listeners[0]));
	if (!h->listeners)
		return false;
	for (i = 0; i < c->listen_count; i++) {
		int fd = listener_open(&c->listens[i].address);

		if (fd < 0)
			return false;
		h->listeners[h->listener_count++] = fd;
	}
	return true;
}

static void
close_listeners(struct master *m)
{
	struct handover *h = &m->handover;

	while (h->listener_count)
		listener_close(h->listeners[--h->listener_count]);
}

/*
 * The program that runs now, even when the file was replaced since. The title's
 * room is made of spaces: a process can write over its arguments, not extend
 * them.
 */
static _Noreturn void
execute(const struct master *m)
{
	char title[TITLE_MAX_BYTES], number[16];
	char *argv[] = { title, (char[]){ "--generation" }, number, NULL };
	int fd;

	setpgid(0, 0);
	signals_reset();
	fd = handover_write(&m->handover);
	if (fd < 0)
		_exit(1);
	memset(title, ' ', sizeof(title));
	title[sizeof(title) - 1] = '\0';
	memcpy(title, "prongd: generation",
	    strlen("prongd: generation"));
	snprintf(number, sizeof(number), "%d", fd);
	/* Plugins are bound when they are loaded, not when they are called. */
	setenv("LD_BIND_NOW", "1", 1);
	execveat(m->binary, "", argv, environ, AT_EMPTY_PATH);
	log_error("cannot execute the generation: %s", strerror(errno));
	_exit(1);
}

static void
plan_restart(struct master *m, int64_t executed_ms)
{
	int64_t now_ms = clock_ms();

	if (now_ms - executed_ms >= SHORT_LIFE_MS)
		m->delay_ms = 0;
	m->restart_ms = now_ms + m->delay_ms;
	m->delay_ms = m->delay_ms ? m->delay_ms * 2 : FIRST_DELAY_MS;
	if (m->delay_ms > LONGEST_DELAY_MS)
		m->delay_ms = LONGEST_DELAY_MS;
}

static int64_t
start_timeout_ms(const struct master *m)
{
	return 2 * m->configuration->open_timeout_ms + START_MARGIN_MS;
}

/* The process; -1 after logging. */
static pid_t
fork_generation(struct master *m, int *control)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		log_error("cannot make a control socket: %s", strerror(errno));
		return -1;
	}
	m->handover.generation++;
	m->handover.control = ends[1];
	pid = fork();
	if (pid == 0)
		execute(m);
	close(ends[1]);
	if (pid < 0) {
		log_error("cannot fork a generation: %s", strerror(errno));
		close(ends[0]);
		return -1;
	}
	log_debug("fork() = %ld: generation %llu", (long)pid,
	    (unsigned long long)m->handover.generation);
	*control = ends[0];
	return pid;
}

static void
start_generation(struct master *m)
{
	struct generation_process *g;
	int control;
	pid_t pid;

	m->restart_ms = INT64_MAX;
	pid = fork_generation(m, &control);
	if (pid < 0) {
		plan_restart(m, clock_ms());
		return;
	}
	g = lineage_add(&m->lineage, pid, m->handover.generation, control);
	g->deadline_ms = g->executed_ms + start_timeout_ms(m);
}

/* What ends a process that was told to stop, in time. */
static int64_t
stop_time_ms(const struct master *m)
{
	return m->configuration->stop_grace_ms + STOP_MARGIN_MS;
}

static void
drain(struct master *m, struct generation_process *g)
{
	log_info("generation %llu drains", (unsigned long long)g->number);
	g->phase = GENERATION_DRAINING;
	g->deadline_ms = clock_ms() + m->configuration->drain_timeout_ms +
	    stop_time_ms(m);
	lineage_tell(g, GENERATION_DRAIN);
}

static void
generation_ready(struct master *m, struct generation_process *g)
{
	struct generation_process *before = lineage_in(&m->lineage,
	    GENERATION_SERVING);
	char status[64];

	g->phase = GENERATION_SERVING;
	g->deadline_ms = INT64_MAX;
	m->ever_ready = true;
	errorlog_started();
	log_info("generation %llu is ready", (unsigned long long)g->number);
	snprintf(status, sizeof(status), "READY=1\nSTATUS=generation %llu",
	    (unsigned long long)g->number);
	notify_send(status);
	if (before)
		drain(m, before);
}

/* Too many handlers crashed in it: another address space is due, before
 * somebody has guessed all of this one's. */
static void
renew(struct master *m, const struct generation_process *g)
{
	int64_t now_ms = clock_ms();

	if (m->stopping || lineage_in(&m->lineage, GENERATION_STARTING) ||
	    m->lineage.count == LINEAGE_MAX ||
	    (m->renewed_ms && now_ms - m->renewed_ms < RENEWAL_MS))
		return;
	log_warning("generation %llu is replaced: too many handlers crashed "
	    "in it", (unsigned long long)g->number);
	m->renewed_ms = now_ms;
	start_generation(m);
}

static bool
is_word(const char *message, ssize_t length, const char *word)
{
	return (size_t)length == strlen(word) &&
	    memcmp(message, word, (size_t)length) == 0;
}

static void
control_polled(struct master *m, struct generation_process *g)
{
	char message[16];
	ssize_t n = recv(g->control, message, sizeof(message), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* Its end; SIGCHLD tells the rest. */
		close(g->control);
		g->control = -1;
	} else if (g->phase == GENERATION_STARTING &&
	    is_word(message, n, GENERATION_READY)) {
		generation_ready(m, g);
	} else if (g->phase == GENERATION_SERVING &&
	    is_word(message, n, GENERATION_WORN)) {
		renew(m, g);
	}
}

static void
log_end(const struct generation_process *g, int status)
{
	unsigned long long number = g->number;

	if (WIFSIGNALED(status))
		log_error("generation %llu (process %ld) was ended by signal "
		    "%d (%s)", number, (long)g->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (g->phase == GENERATION_STARTING)
		log_error("generation %llu did not become ready", number);
	else if (g->phase == GENERATION_SERVING || WEXITSTATUS(status) != 0)
		log_error("generation %llu (process %ld) ended with status %d",
		    number, (long)g->pid, WEXITSTATUS(status));
	else
		log_info("generation %llu has drained", number);
}

static void
generation_ended(struct master *m, struct generation_process *g, int status)
{
	int64_t executed_ms = g->executed_ms;

	if (!m->stopping)
		log_end(g, status);
	lineage_remove(&m->lineage, g);
	if (m->stopping || lineage_in(&m->lineage, GENERATION_SERVING) ||
	    lineage_in(&m->lineage, GENERATION_STARTING))
		return;
	if (!m->ever_ready) {
		m->failed = true;
		return;
	}
	plan_restart(m, executed_ms);
	log_info("the next one starts from the last good set");
}

/* Connections whose generation was killed come to the master (subreaper). */
static bool
reap(struct master *m)
{
	struct generation_process *g;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		g = lineage_find(&m->lineage, pid);
		if (g)
			generation_ended(m, g, status);
	}
	return pid == 0;
}

/* Every process that is left, by the kernel's own list: each is a child not
 * yet waited for, so none of the numbers can mean another process. */
static void
kill_children(const struct master *m)
{
	char path[64];
	size_t i;
	long pid;
	FILE *f;

	for (i = 0; i < m->lineage.count; i++)
		kill(-m->lineage.all[i].pid, SIGKILL);
	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	f = fopen(path, "re");
	if (!f)
		return;
	while (fscanf(f, "%ld", &pid) == 1)
		kill((pid_t)pid, SIGKILL);
	fclose(f);
}

static void
stop(struct master *m)
{
	int64_t now_ms = clock_ms();
	size_t i;

	if (m->stopping) {
		m->stop_deadline_ms = now_ms;
		return;
	}
	m->stopping = true;
	m->restart_ms = INT64_MAX;
	m->stop_deadline_ms = now_ms + stop_time_ms(m);
	log_info("stopping");
	notify_send("STOPPING=1");
	close_listeners(m);
	for (i = 0; i < m->lineage.count; i++) {
		struct generation_process *g = &m->lineage.all[i];

		g->deadline_ms = INT64_MAX;
		/* One that is not yet serving has nothing to finish. */
		if (g->phase == GENERATION_STARTING)
			kill(g->pid, SIGKILL);
		else
			lineage_tell(g, GENERATION_STOP);
	}
}

static void
check_deadlines(struct master *m)
{
	int64_t now_ms = clock_ms();
	size_t i;

	if (now_ms >= m->stop_deadline_ms) {
		kill_children(m);
		m->stop_deadline_ms = now_ms + STOP_MARGIN_MS;
	}
	for (i = 0; i < m->lineage.count; i++) {
		struct generation_process *g = &m->lineage.all[i];

		if (now_ms < g->deadline_ms)
			continue;
		if (g->phase == GENERATION_STARTING)
			log_error("generation %llu was not ready within %lld "
			    "ms", (unsigned long long)g->number,
			    (long long)start_timeout_ms(m));
		kill(-g->pid, SIGKILL);
		g->deadline_ms = INT64_MAX;
	}
}

static void
take_signals(struct master *m)
{
	if (signals_take(SIGTERM) || signals_take(SIGINT))
		stop(m);
	if (signals_take(SIGHUP))
		log_info("SIGHUP: a reload is not possible in this release; "
		    "restart instead");
}

/* Waits; what generations have said is dealt with then. */
static bool
wait_for_words(struct master *m)
{
	struct pollfd fds[LINEAGE_MAX];
	int64_t until_ms = lineage_deadline(&m->lineage);
	pid_t pids[LINEAGE_MAX];
	size_t i, count = m->lineage.count;

	for (i = 0; i < count; i++) {
		fds[i] = (struct pollfd){ .fd = m->lineage.all[i].control,
		    .events = POLLIN };
		pids[i] = m->lineage.all[i].pid;
	}
	if (m->restart_ms < until_ms)
		until_ms = m->restart_ms;
	if (m->stop_deadline_ms < until_ms)
		until_ms = m->stop_deadline_ms;
	if (signals_poll(fds, count, until_ms) < 0) {
		log_error("cannot wait: %s", strerror(errno));
		return false;
	}
	for (i = 0; i < count; i++) {
		struct generation_process *g = lineage_find(&m->lineage,
		    pids[i]);

		if (fds[i].revents && g && g->control >= 0)
			control_polled(m, g);
	}
	return true;
}

static bool
serve(struct master *m)
{
	bool children = true;

	while (!m->failed && !(m->stopping && !children)) {
		if (!wait_for_words(m))
			return false;
		take_signals(m);
		children = reap(m);
		if (clock_ms() >= m->restart_ms)
			start_generation(m);
		check_deadlines(m);
	}
	return !m->failed;
}

static bool
open_all(struct master *m)
{
	/* What this process was started with is not its children's business. */
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	m->binary = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (m->binary < 0) {
		log_error("cannot open /proc/self/exe: %s", strerror(errno));
		return false;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	return open_listeners(m) && open_access_log(m);
}

int
master_run(struct configuration *configuration, struct plugin_set *plugins)
{
	struct master m = {
		.configuration = configuration,
		.stop_deadline_ms = INT64_MAX,
		.restart_ms = INT64_MAX,
		.handover = {
			.master_started = time(NULL),
			.log_level = configuration->log_level,
			.identity = configuration->identity,
			.access_log = -1,
			.sources = configuration->sources,
			.plugins = plugins,
		},
	};
	bool ok;

	signals_open();
	ok = errorlog_open(configuration, &m.handover.log_style) == 0 &&
	    open_all(&m);
	if (ok) {
		start_generation(&m);
		ok = serve(&m);
	}
	close_listeners(&m);
	if (ok)
		log_info("stopped");
	else
		errorlog_failed();
	configuration_free(configuration);
	plugin_set_free(plugins);
	free(m.handover.listeners);
	return ok ? 0 : 1;
}
