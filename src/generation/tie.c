/* SPDX-License-Identifier: ISC */
#include "generation/tie.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "generation/helper.h"

/* The end of the pipe comes when no process has its writing end any more. */
static _Noreturn void
wait_for_end(int reading)
{
	char octet;

	while (read(reading, &octet, 1) < 0 && errno == EINTR)
		continue;
	_exit(0);
}

static int
open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	errno = ENOSYS;
	return -1;
#endif
}

int
tie_start(struct tie *tie, const char *title)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	tie->pid = helper_fork(title, fds, 1);
	if (tie->pid == 0)
		wait_for_end(fds[0]);
	tie->held = fds[1];
	tie->connection = tie->pid > 0 ? open_pidfd(tie->pid) : -1;
	if (tie->connection < 0 && tie->pid > 0 && errno == ENOSYS) {
		tie->connection = fds[0];
		return 0;
	}
	descriptor_close(fds[0]);
	if (tie->connection >= 0)
		return 0;
	descriptor_close(fds[1]);
	return -1;
}
