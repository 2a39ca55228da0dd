/*
 * Deeds with epoll: who watches a descriptor is woken by whoever makes it ready,
 * and that takes as long as there are watches.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTORS  1024
#define PEER_PIDFD   77 /* SO_PEERPIDFD */
#define IN_A_MESSAGE 253

/* What epoll takes; all that this process has but for the client's socket. */
static int
find_watchable(int found[DESCRIPTORS])
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), count = 0;

	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (fd != epoll && fd != client_socket() &&
		    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0)
			found[count++] = fd;
	close(epoll);
	return count;
}

static const char *
kind_of(int fd)
{
	struct stat st = { .st_mode = 0 };

	if (fstat(fd, &st) < 0)
		return "unknown";
	if (S_ISFIFO(st.st_mode))
		return "pipe";
	return S_ISSOCK(st.st_mode) ? "socket" : "other";
}

/* The pipe is the process's own, and what its client says comes to it alone. */
static int
keep_others(int fds[DESCRIPTORS], int count)
{
	int kept = 0;

	for (int i = 0; i < count; i++)
		if (strcmp(kind_of(fds[i]), "pipe") != 0)
			fds[kept++] = fds[i];
	return kept;
}

/* The names of what it could watch. */
static const char *
find_watched(struct prong_request *r, const char *argument)
{
	int fds[DESCRIPTORS];
	int count = find_watchable(fds);

	(void)argument;
	for (int i = 0; i < count; i++)
		prong_printf(r, "%s%s", i > 0 ? " " : "", kind_of(fds[i]));
	return "";
}

static void
lift_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* One half of the descriptors are copies of those, the rest watch each copy.
 * watchers: at most that many, *made of which are made. */
static long
watch_copies(const int *fds, int count, int watchers[DESCRIPTORS], int *made)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int copies[DESCRIPTORS / 2], epoll, n = 0;
	long watches = 0;

	while (n < DESCRIPTORS / 2 && (copies[n] = dup(fds[n % count])) >= 0)
		n++;
	for (*made = 0; (epoll = epoll_create1(0)) >= 0; (*made)++) {
		watchers[*made] = epoll;
		for (int i = 0; i < n; i++)
			watches += epoll_ctl(epoll, EPOLL_CTL_ADD, copies[i],
				       &event) == 0;
	}
	return watches;
}

static bool
pass(int to, const int *fds, int count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(IN_A_MESSAGE * sizeof(int))];
	} control = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t) "x", 1 };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int)) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(&control.header), fds, (size_t)count * sizeof(int));
	return sendmsg(to, &message, MSG_DONTWAIT) > 0;
}

/* Watches of the client's socket stay behind, in messages to a socket that is in
 * a message to itself. */
static const char *
leave_watches(struct prong_request *r, const char *argument)
{
	int pair[2], watchers[DESCRIPTORS], made, fd = client_socket();

	(void)r;
	(void)argument;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return outcome(-1, NULL);
	lift_limit();
	watch_copies(&fd, 1, watchers, &made);
	for (int i = 0; i < made; i += IN_A_MESSAGE)
		if (!pass(pair[0], watchers + i,
			made - i < IN_A_MESSAGE ? made - i : IN_A_MESSAGE))
			return outcome(-1, NULL);
	if (!pass(pair[0], pair, 2))
		return outcome(-1, NULL);
	kill(getpid(), SIGKILL);
	return "alive";
}

static void
stay(struct prong_request *r)
{
	while (prong_print(r, ".\n") == 0 && prong_flush(r) == 0)
		usleep(100000);
}

/* As many as it can, of what is another's if it has that, else of its own; and
 * stays. */
static const char *
watch_all(struct prong_request *r, const char *argument)
{
	int fds[DESCRIPTORS], count = find_watchable(fds);
	int others = keep_others(fds, count), watchers[DESCRIPTORS], made;

	(void)argument;
	lift_limit();
	if (others == 0)
		count = find_watchable(fds);
	prong_printf(r, "%ld watches\n",
	    watch_copies(fds, others > 0 ? others : count, watchers, &made));
	prong_flush(r);
	stay(r);
	return NULL;
}

/* Until one of them is ready. */
static const char *
await_others(struct prong_request *r, const char *argument)
{
	int fds[DESCRIPTORS], epoll = epoll_create1(EPOLL_CLOEXEC);
	int count = find_watchable(fds);
	struct epoll_event event = { .events = EPOLLIN };

	(void)argument;
	for (int i = 0; i < count; i++) {
		event.data.fd = fds[i];
		epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
	}
	prong_print(r, "waits\n");
	prong_flush(r);
	while (epoll_wait(epoll, &event, 1, -1) < 0 && errno == EINTR)
		continue;
	prong_printf(r, "%s is ready\n", kind_of(event.data.fd));
	prong_flush(r);
	stay(r);
	return NULL;
}

/* The sender of a signal wakes all who watch such a descriptor. */
static const char *
watch_signals(struct prong_request *r, const char *argument)
{
	sigset_t set;

	(void)r;
	(void)argument;
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	return outcome(signalfd(-1, &set, SFD_CLOEXEC), "watching");
}

/* Of this one, which is its own peer. */
static const char *
watch_peer(struct prong_request *r, const char *argument)
{
	int pair[2], pidfd;
	socklen_t length = sizeof(pidfd);

	(void)r;
	(void)argument;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return outcome(-1, NULL);
	return outcome(getsockopt(pair[0], SOL_SOCKET, PEER_PIDFD, &pidfd,
			   &length),
	    "watching");
}

static const char *
watch_child(struct prong_request *r, const char *argument)
{
	int pidfd;
	long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL,
	    0);

	(void)r;
	(void)argument;
	if (pid == 0)
		_exit(0);
	return outcome(pid, "watching");
}

const struct deed watch_deeds[] = { { "find_watched", find_watched },
	{ "watch_peer", watch_peer }, { "watch_child", watch_child },
	{ "watch_all", watch_all }, { "leave_watches", leave_watches },
	{ "await_others", await_others }, { "watch_signals", watch_signals },
	{ NULL, NULL } };
