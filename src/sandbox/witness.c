/* SPDX-License-Identifier: ISC */
#include "sandbox/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
stay(const int line[2])
{
	char octet;

	close(line[1]);
	while (read(line[0], &octet, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

void
witness_call(struct witness *w)
{
	int line[2];

	*w = (struct witness){ 0, -1 };
	if (pipe2(line, O_CLOEXEC) < 0)
		return;
	w->pid = fork();
	if (w->pid == 0)
		stay(line);
	close(line[0]);
	w->line = line[1];
	if (w->pid < 0)
		w->pid = 0;
}

bool
witness_proves(struct witness *w)
{
	bool proves = w->pid > 0 && kill(w->pid, 0) < 0 && errno == EPERM;

	if (w->line >= 0)
		close(w->line);
	while (w->pid > 0 && waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	return proves;
}
