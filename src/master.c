/*
 * The master's loop waits for three things: a word or the end of its
 * generation, a signal, a time. What a generation goes through:
 *
 *	starting	executed; must say ready before its deadline
 *	ready		serving
 *	stopping	told to stop; must end before its deadline
 *	ended		replaced, at once after a life of its own, else after
 *			a delay that doubles
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
#include "generation.h"
#include "handover.h"
#include "listener.h"
#include "log.h"
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

struct master {
	struct handover handover;	/* the last good set */
	struct configuration *configuration;
	int binary;			/* this program, open (O_PATH) */
	pid_t generation;		/* 0: none */
	int control;			/* to it; -1: none */
	bool ready;
	bool ever_ready;
	bool stopping;
	bool failed;			/* the first one never got ready */
	int64_t executed_ms;
	int64_t deadline_ms;		/* for ready, or for the end */
	int64_t restart_ms;		/* INT64_MAX: none is due */
	int64_t delay_ms;
};

static int
open_access_log(const char *path)
{
	int fd;

	if (!path)
		return -1;
	if (strcmp(path, "-") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
		    O_NOCTTY, 0640);
	if (fd < 0)
		log_error("cannot open the access log %s: %s", path,
		    strerror(errno));
	return fd;
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
plan_restart(struct master *m)
{
	int64_t now_ms = clock_ms();

	if (now_ms - m->executed_ms >= SHORT_LIFE_MS)
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

static void
start_generation(struct master *m)
{
	int ends[2];
	pid_t pid;

	m->executed_ms = clock_ms();
	m->restart_ms = INT64_MAX;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		log_error("cannot make a control socket: %s", strerror(errno));
		plan_restart(m);
		return;
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
		plan_restart(m);
		return;
	}
	log_debug("fork() = %ld: generation %llu", (long)pid,
	    (unsigned long long)m->handover.generation);
	m->generation = pid;
	m->control = ends[0];
	m->ready = false;
	m->deadline_ms = m->executed_ms + start_timeout_ms(m);
}

static void
generation_ready(struct master *m)
{
	char status[64];

	m->ready = true;
	m->ever_ready = true;
	m->deadline_ms = INT64_MAX;
	log_info("generation %llu is ready",
	    (unsigned long long)m->handover.generation);
	snprintf(status, sizeof(status), "READY=1\nSTATUS=generation %llu",
	    (unsigned long long)m->handover.generation);
	notify_send(status);
}

static void
control_polled(struct master *m, const struct pollfd *pfd)
{
	char message[16];
	ssize_t n;

	if (!pfd->revents || m->control < 0)
		return;
	n = recv(m->control, message, sizeof(message), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* Its end; SIGCHLD tells the rest. */
		close(m->control);
		m->control = -1;
	} else if (!m->ready && strncmp(message, GENERATION_READY,
	    (size_t)n) == 0) {
		generation_ready(m);
	}
}

static void
log_end(const struct master *m, int status)
{
	unsigned long long number = m->handover.generation;

	if (WIFSIGNALED(status))
		log_error("generation %llu (process %ld) was ended by signal "
		    "%d (%s)", number, (long)m->generation, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (m->ready)
		log_error("generation %llu (process %ld) ended with status %d",
		    number, (long)m->generation, WEXITSTATUS(status));
	else
		log_error("generation %llu did not become ready", number);
}

static void
generation_ended(struct master *m, int status)
{
	if (!m->stopping) {
		log_end(m, status);
		if (m->ever_ready) {
			plan_restart(m);
			log_info("the next one starts from the last good set");
		} else {
			m->failed = true;
		}
	}
	if (m->control >= 0)
		close(m->control);
	m->control = -1;
	m->generation = 0;
	m->deadline_ms = INT64_MAX;
}

/* Connections whose generation was killed come to the master (subreaper). */
static bool
reap(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == m->generation)
			generation_ended(m, status);
	return pid == 0;
}

/* Every process that is left, by the kernel's own list: each is a child not
 * yet waited for, so none of the numbers can mean another process. */
static void
kill_children(const struct master *m)
{
	char path[64];
	long pid;
	FILE *f;

	if (m->generation)
		kill(-m->generation, SIGKILL);
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

	if (m->stopping) {
		m->deadline_ms = now_ms;
		return;
	}
	m->stopping = true;
	m->restart_ms = INT64_MAX;
	m->deadline_ms = now_ms + m->configuration->stop_grace_ms +
	    STOP_MARGIN_MS;
	log_info("stopping");
	notify_send("STOPPING=1");
	close_listeners(m);
	/* One that is not yet serving has nothing to finish. */
	if (m->generation && !m->ready)
		kill(m->generation, SIGKILL);
	if (m->control >= 0 && send(m->control, GENERATION_STOP,
	    strlen(GENERATION_STOP), MSG_NOSIGNAL) < 0)
		log_debug("send(%d) = %s", m->control, strerror(errno));
}

static void
deadline_passed(struct master *m)
{
	if (m->stopping) {
		kill_children(m);
		m->deadline_ms = clock_ms() + STOP_MARGIN_MS;
	} else if (m->generation) {
		log_error("generation %llu was not ready within %lld ms",
		    (unsigned long long)m->handover.generation,
		    (long long)start_timeout_ms(m));
		kill(m->generation, SIGKILL);
		m->deadline_ms = INT64_MAX;
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

static bool
serve(struct master *m)
{
	struct pollfd pfd = { .events = POLLIN };
	bool children = true;
	int64_t until_ms;

	while (!m->failed && !(m->stopping && !children)) {
		pfd.fd = m->control;
		until_ms = m->restart_ms < m->deadline_ms ? m->restart_ms :
		    m->deadline_ms;
		if (signals_poll(&pfd, 1, until_ms) < 0) {
			log_error("cannot wait: %s", strerror(errno));
			return false;
		}
		take_signals(m);
		control_polled(m, &pfd);
		children = reap(m);
		if (clock_ms() >= m->restart_ms)
			start_generation(m);
		if (clock_ms() >= m->deadline_ms)
			deadline_passed(m);
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
	if (!open_listeners(m))
		return false;
	m->handover.access_log = open_access_log(m->configuration->access_log);
	return m->handover.access_log >= 0 || !m->configuration->access_log;
}

int
master_run(struct configuration *configuration, struct plugin_set *plugins)
{
	struct master m = {
		.configuration = configuration,
		.control = -1,
		.deadline_ms = INT64_MAX,
		.restart_ms = INT64_MAX,
		.handover = {
			.master_started = time(NULL),
			.log_level = configuration->log_level,
			.identity = configuration->identity,
			.sources = configuration->sources,
			.plugins = plugins,
		},
	};
	bool ok;

	m.handover.log_style = configuration->log_to_syslog ?
	    LOG_STYLE_SYSLOG : log_style_stderr();
	log_open(m.handover.log_style, m.handover.log_level);
	signals_open();
	ok = open_all(&m);
	if (ok) {
		start_generation(&m);
		ok = serve(&m);
	}
	close_listeners(&m);
	if (ok)
		log_info("stopped");
	configuration_free(configuration);
	plugin_set_free(plugins);
	free(m.handover.listeners);
	return ok ? 0 : 1;
}
