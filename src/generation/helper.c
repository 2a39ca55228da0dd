/* SPDX-License-Identifier: ISC */
#include "generation/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/title.h"

#define FIRST 3

/* A terminal, say, sends its signals to the whole process group; the
 * generation decides what they mean. */
static void
ignore_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGUSR1, SIGUSR2, SIGPIPE };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The first move leaves the low numbers free for the second. */
static int
keep_alone(int *kept, size_t count)
{
	const int above = FIRST + (int)count;
	size_t i;

	for (i = 0; i < count; i++) {
		kept[i] = fcntl(kept[i], F_DUPFD_CLOEXEC, above);
		if (kept[i] < 0)
			return -1;
	}
	for (i = 0; i < count; i++) {
		if (dup3(kept[i], FIRST + (int)i, O_CLOEXEC) < 0)
			return -1;
		kept[i] = FIRST + (int)i;
	}
	/* A log that the generation reopens must not stay open here. */
	if (dup2(STDIN_FILENO, STDOUT_FILENO) < 0 ||
	    dup2(STDIN_FILENO, STDERR_FILENO) < 0)
		return -1;
	return descriptor_close_range((unsigned)above, ~0U);
}

pid_t
helper_fork(const char *title, int *kept, size_t count)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	ignore_signals();
	title_set(title);
	if (keep_alone(kept, count) < 0)
		_exit(1);
	return 0;
}
