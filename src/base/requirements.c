/* SPDX-License-Identifier: ISC */
#include "base/requirements.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/refused.h"

/* Of the scoreboard with 1024 connections, and more. */
#define FILE_BYTES_MIN (16 << 20)

static uint32_t word;
static struct timespec no_time;

/* The arguments make the kernel refuse the call for another reason, such as a
 * bad descriptor, or do nothing. */
static const struct needed {
	const char *name;
	long number;
	long arguments[5];
} needed[] = {
	{ "accept4", SYS_accept4, { -1 } },
	{ "epoll_create1", SYS_epoll_create1, { -1 } },
	{ "epoll_ctl", SYS_epoll_ctl, { -1, 0, -1, 0 } },
	{ "execveat", SYS_execveat, { -1, (long)"", 0, 0, AT_EMPTY_PATH } },
	{ "fcntl", SYS_fcntl, { -1, F_GETFD } },
	{ "futex", SYS_futex, { (long)&word, FUTEX_WAKE, 1 } },
	{ "memfd_create", SYS_memfd_create, { 0, 0 } },
	{ "openat2", SYS_openat2, { -1, 0, 0, 0 } },
	{ "pipe2", SYS_pipe2, { 0, -1 } },
	{ "ppoll", SYS_ppoll, { 0, 0, (long)&no_time, 0, _NSIG / 8 } },
	{ "prlimit64", SYS_prlimit64, { 0, -1, 0, 0 } },
	{ "recvfrom", SYS_recvfrom, { -1 } },
	{ "recvmsg", SYS_recvmsg, { -1 } },
	{ "rt_sigaction", SYS_rt_sigaction, { 0, 0, 0, _NSIG / 8 } },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, { 0, 0, 0, _NSIG / 8 } },
	{ "sendmsg", SYS_sendmsg, { -1 } },
	{ "sendto", SYS_sendto, { -1 } },
	{ "setsockopt", SYS_setsockopt, { -1 } },
	{ "socketpair", SYS_socketpair, { -1 } },
	{ "wait4", SYS_wait4, { -1, 0, -1 } },
	{ "waitid", SYS_waitid, { -1 } },
};

static int
try(const struct needed *n)
{
	const long *a = n->arguments;

	return syscall(n->number, a[0], a[1], a[2], a[3], a[4]) < 0 ? errno : 0;
}

/* Those of a policy, of an older kernel, and of a broken one. */
static bool
is_refusal(int error)
{
	return error == EPERM || error == EACCES || error == ENOSYS ||
	    error == EIO;
}

static bool
has_calls(void)
{
	bool all = true;
	size_t i;
	int error;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		error = try(&needed[i]);
		if (!is_refusal(error))
			continue;
		all = false;
		log_error("the server needs the system call %s, which fails: "
			  "%s%s",
		    needed[i].name, strerror(error), refused_hint(error));
	}
	return all;
}

/* Sealed copies and handlers are reached by their descriptors there. */
static bool
has_proc(void)
{
	if (access("/proc/self/fd", F_OK) == 0)
		return true;
	log_error("the server needs /proc, and cannot reach /proc/self/fd: %s; "
		  "possible: mount -t proc proc /proc, in a chroot, too",
	    strerror(errno));
	return false;
}

/* The limit of the sizes of files holds for shared memory, too. Where it does not
 * suffice, a system call fails and says so, instead of a signal. */
static bool
has_file_size(void)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 ||
	    limit.rlim_cur >= FILE_BYTES_MIN)
		return true;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	if (limit.rlim_max >= FILE_BYTES_MIN)
		return true;
	log_error("the limit of the size of files is %ju octets, which holds "
		  "for shared memory, too; possible: at least %d, or none "
		  "(ulimit -f, LimitFSIZE=)",
	    (uintmax_t)limit.rlim_max, FILE_BYTES_MIN);
	return false;
}

bool
requirements_hold(void)
{
	const bool calls = has_calls(), size = has_file_size();

	return has_proc() && calls && size;
}
