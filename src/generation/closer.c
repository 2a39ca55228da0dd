/* SPDX-License-Identifier: ISC */
#include "generation/closer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <unistd.h>

#include "generation/thread.h"

/* The longest that the close of a socket waits for its client (SO_LINGER). */
#define CLOSE_MS 1

static void
set_timer(int interval_ms)
{
	const struct timeval interval = { .tv_usec = interval_ms * 1000 };
	const struct itimerval timer = { interval, interval };

	setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * A handler may have set SO_LINGER, by which the close waits for the client. A
 * signal ends that wait, and the kernel goes on to send what is left. To take
 * the option away would not do: another process that has the socket could set it
 * again, or hold the lock of the socket.
 */
static void
close_soon(int fd)
{
	set_timer(CLOSE_MS);
	close(fd);
	set_timer(0);
}

static void
interrupt(int signal)
{
	(void)signal;
}

/* Whether the signal comes to this thread. */
static void
let_interrupt(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(how, &set, NULL);
}

/* The descriptors come through a pipe. */
static void *
close_all(void *argument)
{
	const int reading = (int)(intptr_t)argument;
	int fd;
	ssize_t n;

	let_interrupt(SIG_UNBLOCK);
	do {
		n = read(reading, &fd, sizeof(fd));
		if (n == (ssize_t)sizeof(fd))
			close_soon(fd);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return NULL;
}

void
closer_start(struct closer *c)
{
	/* Without SA_RESTART. */
	const struct sigaction action = { .sa_handler = interrupt };
	int ends[2];

	c->writing = -1;
	sigaction(SIGALRM, &action, NULL);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	let_interrupt(SIG_BLOCK);
	if (thread_start(close_all, (void *)(intptr_t)ends[0]) == 0) {
		c->writing = ends[1];
		return;
	}
	let_interrupt(SIG_UNBLOCK);
	close(ends[0]);
	close(ends[1]);
}

void
closer_close(struct closer *c, int fd)
{
	ssize_t n = -1;

	if (c->writing >= 0)
		do
			n = write(c->writing, &fd, sizeof(fd));
		while (n < 0 && errno == EINTR);
	if (n < 0)
		close_soon(fd);
}
