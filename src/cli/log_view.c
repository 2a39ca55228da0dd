/* SPDX-License-Identifier: ISC */
#include "cli/log_view.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/printable.h"

static _Noreturn void
execute(char *const *arguments, int output, pid_t parent)
{
	dup2(output, STDOUT_FILENO);
	/* tail -F also ends when nobody reads the pipe, but later. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	execvp(arguments[0], arguments);
	fprintf(stderr, "prong: tail: %s\n", strerror(errno));
	_exit(EXIT_FAILURE);
}

static void
print(const char *octets, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (octets[i] == '\n' || octets[i] == '\t')
			putchar(octets[i]);
		else
			printable_put(stdout, (unsigned char)octets[i]);
}

/* The lines appear as they arrive, also in a pipe. */
static void
print_all(int input)
{
	char octets[8192];
	ssize_t n;

	while ((n = read(input, octets, sizeof(octets))) != 0) {
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			print(octets, (size_t)n);
		if (fflush(stdout) != 0)
			return;
	}
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILURE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

int
log_view_run(char *const *arguments)
{
	pid_t own = getpid(), pid;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		fprintf(stderr, "prong: tail: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	if (pid == 0)
		execute(arguments, ends[1], own);
	close(ends[1]);
	print_all(ends[0]);
	close(ends[0]);
	return wait_for(pid);
}
