/* SPDX-License-Identifier: ISC */
#include "generation/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/pulse.h"
#include "base/refused.h"
#include "base/rings.h"
#include "base/signals.h"
#include "generation/log_process.h"

/* Between two attempts to start the log process. */
#define RETRY_MS 1000

/* For the last lines, and for the log process's end: a reader that is slow has
 * 100 ms for a line (logline.h). */
#define LAST_WAIT_MS 1000

/* For the first process, which has little to do before it obeys. */
#define START_WAIT_MS 10000

struct logs {
	struct logs_facts facts;
	pid_t pid;	    /* of the log process; 0: none */
	int control;	    /* -1: none */
	int64_t next_ms;    /* of the next start */
	uint64_t reopening; /* not done yet; 0: none */
	int64_t kill_ms; /* when a process that should have ended is killed */
	uint64_t
	    started_for;    /* the reopening before the start of the process */
	bool is_done;	    /* the last order was obeyed */
	struct pulse pulse; /* of the process */
	uint64_t beats;	    /* that were heard */
	bool is_killed;	    /* since it hung */
};

static bool
open_control(const struct logs *l, int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	if (descriptor_move(&ends[0], l->facts.private_base) == 0 &&
	    descriptor_move(&ends[1], l->facts.private_base) == 0)
		return true;
	close(ends[0]);
	close(ends[1]);
	return false;
}

static _Noreturn void
run(const struct logs *l, int control)
{
	const struct log_process_facts facts = {
		.configuration = l->facts.configuration,
		.sandbox = l->facts.sandbox,
		.rings = l->facts.rings,
		.private_base = l->facts.private_base,
		.control = control,
		.error_log = l->facts.error_log,
		.access_log = l->facts.access_log,
	};

	log_process_run(&facts);
}

/* 0, or -1 and errno. */
static int
start(struct logs *l)
{
	int ends[2], saved;
	pid_t pid = -1;

	if (!open_control(l, ends))
		return -1;
	if (rings_share(l->facts.rings, true) == 0)
		pid = fork();
	if (pid == 0)
		run(l, ends[1]);
	saved = errno;
	rings_share(l->facts.rings, false);
	close(ends[1]);
	errno = saved;
	if (pid < 0) {
		descriptor_close(ends[0]);
		return -1;
	}
	l->pid = pid;
	l->control = ends[0];
	l->started_for = l->reopening;
	l->is_killed = false;
	pulse_hear(&l->pulse, clock_ms());
	return 0;
}

int
logs_descriptor(const struct logs *l)
{
	return l->control;
}

pid_t
logs_pid(const struct logs *l)
{
	return l->pid;
}

static void
forget_control(struct logs *l)
{
	descriptor_close(l->control);
	l->control = -1;
}

bool
logs_hear(struct logs *l)
{
	struct log_process_message message;
	bool has_dropped = false;
	ssize_t n;

	while (l->control >= 0 &&
	    (n = recv(l->control, &message, sizeof(message), MSG_DONTWAIT)) !=
		-1) {
		if (n != (ssize_t)sizeof(message)) {
			forget_control(l);
			break;
		}
		if (message.order == LOG_PROCESS_DROPPED)
			has_dropped = true;
		else
			l->is_done = true;
	}
	return has_dropped;
}

static bool
order(struct logs *l, enum log_process_order what)
{
	struct log_process_message message = { what };
	bool sent = l->control >= 0 &&
	    send(l->control, &message, sizeof(message),
		MSG_DONTWAIT | MSG_NOSIGNAL) > 0;

	if (sent)
		rings_wake(l->facts.rings, RINGS_PAUSES);
	return sent;
}

/*
 * The log process writes all lines to the old files and ends; another one gets
 * the new files. No descriptor is in flight meanwhile, as the kernel counts
 * these for all processes of a user together.
 */
void
logs_reopen(struct logs *l, int error_log, int access_log, uint64_t number)
{
	const struct logs_facts *facts = &l->facts;

	l->reopening = number;
	l->kill_ms = clock_ms() + LAST_WAIT_MS;
	if (dup3(error_log, facts->error_log, O_CLOEXEC) < 0 ||
	    (access_log >= 0 && facts->access_log >= 0 &&
		dup3(access_log, facts->access_log, O_CLOEXEC) < 0))
		log_error("cannot take the new logs: %s", strerror(errno));
	if (!order(l, LOG_PROCESS_END))
		l->kill_ms = 0;
}

uint64_t
logs_take_reopened(struct logs *l)
{
	uint64_t number = l->pid > 0 && l->started_for == l->reopening ?
	    l->reopening :
	    0;

	if (number > 0)
		l->reopening = 0;
	return number;
}

bool
logs_reap(struct logs *l, pid_t pid, int status)
{
	if (pid != l->pid || pid == 0)
		return false;
	l->pid = 0;
	l->next_ms = 0;
	forget_control(l);
	if (l->reopening > 0 && l->started_for != l->reopening)
		return true;
	if (WIFSIGNALED(status))
		log_error("the log process %ld was ended by signal %d (%s); "
			  "another one is started",
		    (long)pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_error("the log process %ld has ended with status %d; "
			  "another one is started",
		    (long)pid, WEXITSTATUS(status));
	return true;
}

/* One that was told to end, for a reopening, has a moment for its lines. */
static int64_t
end_stuck(struct logs *l)
{
	if (l->reopening == 0)
		return INT64_MAX;
	/* logs_take_reopened comes next. */
	if (l->started_for == l->reopening)
		return 0;
	if (clock_ms() < l->kill_ms)
		return l->kill_ms;
	kill(l->pid, SIGKILL);
	return INT64_MAX;
}

static void
end_hung(struct logs *l)
{
	log_error("the log process %ld has not responded for %d s: killed",
	    (long)l->pid, PULSE_PATIENCE_MS / 1000);
	kill(l->pid, SIGKILL);
	l->is_killed = true;
}

/* Whoever stops it, or a file that holds it up, must not keep the log silent for
 * ever. A process that sleeps is woken, and gives a sign of life. */
static int64_t
check_pulse(struct logs *l, int64_t now_ms)
{
	uint64_t beats = rings_beats(l->facts.rings);
	enum pulse_verdict verdict;

	if (l->is_killed)
		return INT64_MAX;
	if (beats != l->beats)
		pulse_hear(&l->pulse, now_ms);
	l->beats = beats;
	verdict = pulse_check(&l->pulse, now_ms);
	if (verdict == PULSE_ASK)
		rings_wake(l->facts.rings, RINGS_ASLEEP);
	else if (verdict == PULSE_STOPPED)
		end_hung(l);
	return l->is_killed ? INT64_MAX : pulse_due_ms(&l->pulse);
}

int64_t
logs_sweep(struct logs *l)
{
	int64_t now_ms = clock_ms();

	if (l->pid > 0)
		return clock_earlier(end_stuck(l), check_pulse(l, now_ms));
	if (now_ms < l->next_ms)
		return l->next_ms;
	l->next_ms = now_ms + RETRY_MS;
	if (start(l) == 0)
		return end_stuck(l);
	log_error("cannot start the log process: %s", strerror(errno));
	return l->next_ms;
}

/* Whether the log process has obeyed all orders within that time. errno is 0 where
 * no system call has failed. */
static bool
wait_for_log(struct logs *l, int timeout_ms)
{
	int64_t until_ms = clock_ms() + timeout_ms, now_ms;
	struct pollfd pfd = { .events = POLLIN };

	l->is_done = false;
	errno = 0;
	if (!order(l, LOG_PROCESS_FLUSH))
		return false;
	while (!l->is_done && l->control >= 0 &&
	    (now_ms = clock_ms()) < until_ms) {
		pfd.fd = l->control;
		if (poll(&pfd, 1, (int)(until_ms - now_ms)) < 0 &&
		    errno != EINTR)
			return false;
		logs_hear(l);
	}
	errno = 0;
	return l->is_done;
}

void
logs_flush(struct logs *l)
{
	wait_for_log(l, LAST_WAIT_MS);
}

/* Any of the three may be a log, or a terminal that shows one. */
static bool
cover_standard(int null)
{
	return dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0;
}

/* One that ends at once has said why, unless it could not write to the log. */
static void
log_no_start(const struct logs *l, int error)
{
	const bool ends = l && l->pid > 0 &&
	    (l->control < 0 || error == EPIPE || error == ECONNRESET);
	int status;

	if (ends && waitpid(l->pid, &status, 0) == l->pid)
		log_error("cannot start the log process: it has ended at once, "
			  "by %s %d",
		    WIFSIGNALED(status) ? "signal" : "its status",
		    WIFSIGNALED(status) ? WTERMSIG(status) :
					  WEXITSTATUS(status));
	else
		log_error("cannot start the log process: %s%s",
		    error == 0 ? "it does not obey" : strerror(error),
		    refused_hint(error));
}

struct logs *
logs_new(const struct logs_facts *facts, int null)
{
	struct logs *l = calloc(1, sizeof(*l));

	if (l) {
		l->facts = *facts;
		l->control = -1;
	}
	errno = 0;
	if (!l || start(l) < 0 || !wait_for_log(l, START_WAIT_MS) ||
	    !cover_standard(null)) {
		log_no_start(l, errno);
		free(l);
		return NULL;
	}
	log_channel_open_own(facts->rings);
	return l;
}

void
logs_end(struct logs *l)
{
	struct pollfd pfd = { .fd = l->control, .events = 0 };

	/* One that somebody has stopped would stay for ever. */
	if (l->pid > 0)
		kill(l->pid, SIGCONT);
	/* The process closes its end when it ends. */
	if (order(l, LOG_PROCESS_END))
		poll(&pfd, 1, LAST_WAIT_MS);
	forget_control(l);
}
