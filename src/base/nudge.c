/* SPDX-License-Identifier: ISC */
#include "base/nudge.h"

#include <signal.h>
#include <time.h>

#include "base/signals.h"

static void
do_nothing(int signal)
{
	(void)signal;
}

void
nudge_open(void)
{
	const struct sigaction action = { .sa_handler = do_nothing };

	sigaction(NUDGE_SIGNAL, &action, NULL);
	signals_block(NUDGE_SIGNAL);
}

void
nudge_send(pid_t pid)
{
	kill(pid, NUDGE_SIGNAL);
}

int
nudge_poll(struct pollfd *fds, size_t count, int timeout_ms)
{
	const struct timespec wait = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };
	sigset_t none;

	sigemptyset(&none);
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &wait, &none);
}
