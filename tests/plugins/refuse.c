/*
 * Preloaded by tests (LD_PRELOAD): from some moment on system calls of the server
 * fail, as with a container policy, an older kernel or a failing disk. The server
 * itself knows nothing of it.
 *
 *	PRONG_REFUSE="ERRNO CALL..."	names, or NAME:VALUE for those calls
 *					whose first argument has that value: the
 *					kernel answers each with that error
 *	PRONG_REFUSE="~ERRNO CALL..."	every second call of these functions of
 *					libc fails, as signals interrupt calls
 *	PRONG_REFUSE_IN=WHERE		start: every process from its start
 *					generation: from the start of a
 *					generation; fork: the processes that a
 *					generation forks
 *	PRONG_REFUSE_FILE=PATH		not before there is this file: it is
 *					looked for at each fork, and with
 *					"generation" before it. "master" has the
 *					same meaning for the master.
 *
 * SPDX-License-Identifier: ISC
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *calls, *where, *file;
static bool is_generation, is_done;

/* The error of every second call, and the names of these with a space before
 * and behind each. */
static int interruption;
static char interrupted[512];

static _Noreturn void
fail(const char *what, int error)
{
	dprintf(STDERR_FILENO, "refuse: %s: %s\n", what, strerror(error));
	_exit(125);
}

static void
add(scmp_filter_ctx filter, int error, char *name)
{
	char *colon = strchr(name, ':');
	const uint32_t action = SCMP_ACT_ERRNO((uint32_t)error);
	int number, result;

	if (colon)
		*colon = '\0';
	number = seccomp_syscall_resolve_name(name);
	if (number < 0)
		return;
	if (colon)
		result = seccomp_rule_add(filter, action, number, 1,
		    SCMP_A0(SCMP_CMP_EQ, strtoull(colon + 1, NULL, 0), 0));
	else
		result = seccomp_rule_add(filter, action, number, 0);
	if (result < 0)
		fail(name, -result);
}

static void
load(int error, char *names)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	char *name;
	int result;

	while ((name = strsep(&names, " ")))
		add(filter, error, name);
	result = seccomp_load(filter);
	if (result < 0)
		fail("seccomp_load", -result);
	seccomp_release(filter);
}

static void
refuse(void)
{
	char text[1024], *rest = text, *error;

	if (is_done)
		return;
	is_done = true;
	snprintf(text, sizeof(text), "%s", calls);
	error = strsep(&rest, " ");
	if (error[0] == '~') {
		snprintf(interrupted, sizeof(interrupted), " %s ", rest);
		interruption = atoi(error + 1);
	} else {
		load(atoi(error), rest);
	}
}

static void
look(void)
{
	if (!file || access(file, F_OK) == 0)
		refuse();
}

static void
look_here(void)
{
	if (file && strcmp(where, is_generation ? "generation" : "master") == 0)
		look();
}

static void
look_in_child(void)
{
	if (is_generation && strcmp(where, "fork") == 0)
		look();
}

__attribute__((__constructor__)) static void
begin(int argc, char *argv[])
{
	calls = getenv("PRONG_REFUSE");
	where = getenv("PRONG_REFUSE_IN");
	file = getenv("PRONG_REFUSE_FILE");
	is_generation = argc > 1 && strcmp(argv[1], "--generation") == 0;
	if (!calls || !where)
		return;
	pthread_atfork(look_here, NULL, look_in_child);
	if (strcmp(where, "start") == 0) {
		/* An executed generation has the filter already. */
		if (calls[0] != '~')
			unsetenv("PRONG_REFUSE");
		refuse();
	} else if (is_generation && !file && strcmp(where, "generation") == 0)
		refuse();
}

/* Whether this call fails: the first, the third, and so on. */
static bool
fails(const char *name)
{
	static bool is_odd;
	char word[32];

	if (interruption == 0)
		return false;
	snprintf(word, sizeof(word), " %s ", name);
	if (!strstr(interrupted, word))
		return false;
	is_odd = !is_odd;
	if (is_odd)
		errno = interruption;
	return is_odd;
}

/* A function that fails every second time, and else does what it does. */
#define REPLACE(result, name, parameters, arguments) \
	result name parameters \
	{ \
		static __typeof__(name) *real; \
\
		if (!real) \
			*(void **)&real = dlsym(RTLD_NEXT, #name); \
		return fails(#name) ? (result)-1 : real arguments; \
	}

REPLACE(int, accept4,
    (int fd, __SOCKADDR_ARG address, socklen_t *length, int flags),
    (fd, address, length, flags))
REPLACE(ssize_t, recv, (int fd, void *data, size_t size, int flags),
    (fd, data, size, flags))
REPLACE(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags),
    (fd, message, flags))
REPLACE(ssize_t, send, (int fd, const void *data, size_t size, int flags),
    (fd, data, size, flags))
REPLACE(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags),
    (fd, message, flags))
REPLACE(ssize_t, sendfile, (int to, int from, off_t *offset, size_t size),
    (to, from, offset, size))
REPLACE(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size))
REPLACE(ssize_t, pread, (int fd, void *data, size_t size, off_t offset),
    (fd, data, size, offset))
REPLACE(ssize_t, write, (int fd, const void *data, size_t size),
    (fd, data, size))
REPLACE(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t offset),
    (fd, data, size, offset))
REPLACE(ssize_t, writev, (int fd, const struct iovec *vector, int count),
    (fd, vector, count))
REPLACE(int, poll, (struct pollfd * fds, nfds_t count, int ms),
    (fds, count, ms))
REPLACE(int, ppoll,
    (struct pollfd * fds, nfds_t count, const struct timespec *time,
	const sigset_t *mask),
    (fds, count, time, mask))
REPLACE(pid_t, waitpid, (pid_t pid, int *status, int options),
    (pid, status, options))
REPLACE(int, sigtimedwait,
    (const sigset_t *set, siginfo_t *info, const struct timespec *time),
    (set, info, time))
REPLACE(int, ftruncate, (int fd, off_t length), (fd, length))
REPLACE(int, dup2, (int from, int to), (from, to))

/* The others through syscall(2): futex, openat2 and more. */
long
syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list list;
	int i;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	va_start(list, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if ((number == SYS_futex && fails("futex")) ||
	    (number == SYS_openat2 && fails("openat2")) ||
	    (number == SYS_pidfd_open && fails("pidfd_open")))
		return -1;
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
