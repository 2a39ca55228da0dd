/* SPDX-License-Identifier: ISC */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static const int caught[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

static volatile sig_atomic_t noted[_NSIG];
static sigset_t blocked;

/* The mask after signals_reset, as the system call takes it. */
static unsigned long kept[16];
#define BITS (8 * (int)sizeof(kept[0]))

static void
note(int signal)
{
	noted[signal] = 1;
}

void
signals_open(void)
{
	struct sigaction action = { .sa_handler = note };
	size_t i;

	sigemptyset(&blocked);
	sigfillset(&action.sa_mask);
	for (i = 0; i < CAUGHT; i++) {
		sigaddset(&blocked, caught[i]);
		sigaction(caught[i], &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
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
	int signal;

	while ((signal = sigtimedwait(&blocked, NULL, &now)) > 0)
		note(signal);
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

bool
signals_take(int signal)
{
	bool was = noted[signal];

	noted[signal] = 0;
	return was;
}
