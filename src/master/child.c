/* SPDX-License-Identifier: ISC */
#include "master/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/signals.h"

pid_t
child_fork(int *own)
{
	int ends[2], saved;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	pid = fork();
	saved = errno;
	close(ends[pid == 0 ? 0 : 1]);
	if (pid < 0)
		close(ends[0]);
	else
		*own = ends[pid == 0 ? 1 : 0];
	errno = saved;
	return pid;
}

pid_t
child_fork_helper(int *own)
{
	const pid_t master = getpid();
	pid_t pid = child_fork(own);

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The master may have ended before that. */
	if (getppid() != master)
		_exit(127);
	signals_reset();
	log_copy_to(*own);
	return 0;
}
