/* SPDX-License-Identifier: ISC */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hot.h"
#include "base/log.h"
#include "base/refused.h"

static const int caught[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1,
	SIGUSR2 };

#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

static HOT volatile sig_atomic_t noted[_NSIG];
static HOT pid_t ended[SIGNALS_ENDED_MAX];
static HOT size_t ended_count;
static sigset_t blocked;

/* The mask after signals_reset, as the system call takes it. */
static unsigned long kept[16];
#define BITS (8 * (int)sizeof(kept[0]))

/* Nothing else runs meanwhile: signals are blocked but in signals_poll. */
static void
note(int signal, siginfo_t *info, void *context)
{
	(void)context;
	noted[signal] = 1;
	if (signal == SIGCHLD && ended_count < SIGNALS_ENDED_MAX)
		ended[ended_count++] = info->si_pid;
}

static int
catch_all(void)
{
	/* A child that stops, or goes on, is no event: it could do so without
	 * rest, and hide the ends of others. */
	struct sigaction action = { .sa_sigaction = note,
		.sa_flags = SA_SIGINFO | SA_NOCLDSTOP };
	size_t i;

	sigemptyset(&blocked);
	sigfillset(&action.sa_mask);
	for (i = 0; i < CAUGHT; i++) {
		sigaddset(&blocked, caught[i]);
		if (sigaction(caught[i], &action, NULL) < 0)
			return -1;
	}
	if (sigprocmask(SIG_SETMASK, &blocked, NULL) < 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -1;
	return 0;
}

int
signals_open(void)
{
	if (catch_all() == 0)
		return 0;
	log_error("cannot catch signals: %s%s", strerror(errno),
	    refused_hint(errno));
	return -1;
}

void
signals_block(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kept[(signal - 1) / BITS] |= 1UL << (signal - 1) % BITS;
}

/*
 * Every connection calls this first. It uses the system calls with structures
 * of zeros (SIG_DFL, no flags) and not the functions of libc: these are
 * in pages that a connection does not use otherwise, and the first use of a
 * page after a fork is a page fault.
 */
void
signals_reset(void)
{
	static const unsigned long zeros[16];
	size_t i;

	for (i = 0; i < CAUGHT; i++)
		syscall(SYS_rt_sigaction, caught[i], zeros, NULL, _NSIG / 8);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, kept, NULL, _NSIG / 8);
}

/*
 * A ppoll that finds a ready descriptor returns without delivering pending
 * signals. Under load a descriptor is always ready, and children would never be
 * reaped.
 */
static void
take_pending(void)
{
	static const struct timespec now;
	siginfo_t info;
	int signal;

	while ((signal = sigtimedwait(&blocked, &info, &now)) > 0)
		note(signal, &info, NULL);
}

int
signals_poll(struct pollfd *fds, size_t count, int64_t until_ms)
{
	struct timespec wait = { 0, 0 }, *timeout = NULL;
	sigset_t none;
	int64_t left;
	int n;

	if (until_ms != INT64_MAX) {
		left = until_ms - clock_ms();
		if (left > 0) {
			wait.tv_sec = left / 1000;
			wait.tv_nsec = left % 1000 * 1000000;
		}
		timeout = &wait;
	}
	sigemptyset(&none);
	n = ppoll(fds, count, timeout, &none);
	if (n > 0)
		take_pending();
	if (n <= 0) {
		size_t i;

		for (i = 0; i < count; i++)
			fds[i].revents = 0;
	}
	return n < 0 && errno == EINTR ? 0 : n;
}

void
signals_sleep(int64_t ms)
{
	const struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };
	siginfo_t info;
	int signal = sigtimedwait(&blocked, &info, &wait);

	if (signal > 0)
		note(signal, &info, NULL);
	else if (errno != EAGAIN && errno != EINTR)
		nanosleep(&wait, NULL);
}

bool
signals_take(int signal)
{
	bool was = noted[signal];

	noted[signal] = 0;
	return was;
}

size_t
signals_ended(pid_t pids[SIGNALS_ENDED_MAX])
{
	size_t count = ended_count;

	memcpy(pids, ended, count * sizeof(*pids));
	ended_count = 0;
	return count;
}
