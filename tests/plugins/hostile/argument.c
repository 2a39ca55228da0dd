/*
 * Deeds by arguments of calls that are permitted otherwise: kinds of sockets and
 * their options, modes, options of the process. And deeds for honest calls that
 * must go on working.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "level name" */
static const char *
set_option(struct prong_request *r, const char *argument)
{
	char value[64] = { 1, 0, 0, 0, 60 };
	int level = 0, name = 0;

	(void)r;
	sscanf(argument, "%d %d", &level, &name);
	return outcome(setsockopt(client_socket(), level, name, value,
			   level == SOL_SOCKET && name == SO_LINGER ?
			       sizeof(struct linger) :
			       sizeof(int)),
	    "set");
}

/* The signal by which the refusal is logged is blocked. */
static const char *
set_option_blocked(struct prong_request *r, const char *argument)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return set_option(r, argument);
}

/* It pretends a refusal that was none, by a signal to itself. */
static const char *
forge_refusal(struct prong_request *r, const char *argument)
{
	siginfo_t forged = { .si_signo = SIGSYS, .si_code = 1 };

	(void)r;
	forged.si_errno = atoi(argument);
	return outcome(syscall(SYS_rt_sigqueueinfo, getpid(), SIGSYS, &forged),
	    "forged");
}

/* "family type protocol" */
static const char *
make_socket(struct prong_request *r, const char *argument)
{
	int family = 0, type = 0, protocol = 0;

	(void)r;
	sscanf(argument, "%d %d %d", &family, &type, &protocol);
	return outcome(socket(family, type, protocol), "made");
}

static struct sockaddr_in
here(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static const char *
multipath(struct prong_request *r, const char *port)
{
	struct sockaddr_in in = here(port);
	int fd = socket(AF_INET, SOCK_STREAM, 262);

	(void)r;
	if (fd < 0)
		return outcome(-1, NULL);
	return outcome(connect(fd, (const void *)&in, sizeof(in)), "connected");
}

static const char *
fast_sendto(struct prong_request *r, const char *port)
{
	struct sockaddr_in in = here(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)r;
	return outcome(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
			   (const void *)&in, sizeof(in)),
	    "connected");
}

static const char *
fast_sendmsg(struct prong_request *r, const char *port)
{
	struct sockaddr_in in = here(port);
	struct iovec iov = { (char[]){ "x" }, 1 };
	struct mmsghdr m = { .msg_hdr = { .msg_name = &in,
				 .msg_namelen = sizeof(in),
				 .msg_iov = &iov,
				 .msg_iovlen = 1 } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)r;
	if (sendmsg(fd, &m.msg_hdr, MSG_FASTOPEN) >= 0 ||
	    sendmmsg(fd, &m, 1, MSG_FASTOPEN) >= 0)
		return "connected";
	return outcome(-1, NULL);
}

static const char *
fast_option(struct prong_request *r, const char *port)
{
	struct sockaddr_in in = here(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	(void)r;
	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)) <
		0 ||
	    connect(fd, (const void *)&in, sizeof(in)) < 0)
		return outcome(-1, NULL);
	return outcome(send(fd, "x", 1, MSG_NOSIGNAL), "connected");
}

/* What a library does to reach a name. */
static const char *
look_up(struct prong_request *r, const char *name)
{
	const struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int error = getaddrinfo(name, "80", &hints, &found);

	(void)r;
	if (error != 0)
		return gai_strerror(error);
	freeaddrinfo(found);
	return "found";
}

static const char *
interfaces(struct prong_request *r, const char *argument)
{
	struct ifaddrs *list;
	long result = getifaddrs(&list);

	(void)r;
	(void)argument;
	if (result == 0)
		freeifaddrs(list);
	return outcome(result, "found");
}

/* "how mode": a file of memory, which the server's user owns. */
static const char *
set_mode(struct prong_request *r, const char *argument)
{
	int fd = memfd_create("program", MFD_CLOEXEC);
	unsigned mode = 0;
	char how[16] = "";
	long result = -1;

	(void)r;
	sscanf(argument, "%15s %o", how, &mode);
	if (strcmp(how, "fchmod") == 0)
		result = fchmod(fd, mode);
	else if (strcmp(how, "fchmodat") == 0)
		result = fchmodat(AT_FDCWD, "/dev/null", mode, 0);
	else if (strcmp(how, "fchmodat2") == 0)
		result = syscall(452, fd, "", mode, AT_EMPTY_PATH);
	else if (strcmp(how, "open") == 0)
		result = open("/nowhere", O_CREAT | O_WRONLY, mode);
	else if (strcmp(how, "tmpfile") == 0)
		result = open("/tmp", O_TMPFILE | O_WRONLY, mode);
	else if (strcmp(how, "creat") == 0)
		result = creat("/nowhere", mode);
	return outcome(result, "set");
}

/* "option argument" */
static const char *
process_option(struct prong_request *r, const char *argument)
{
	long option = 0, value = 0;

	(void)r;
	sscanf(argument, "%ld %ld", &option, &value);
	return outcome(prctl((int)option, value, 0, 0, 0), "set");
}

/* The pages of a pipe, a lease on a file, watches. */
static const char *
grow_pipe(struct prong_request *r, const char *argument)
{
	int fds[2];

	(void)r;
	if (pipe(fds) < 0)
		return outcome(-1, NULL);
	return outcome(fcntl(fds[1], F_SETPIPE_SZ, atoi(argument)), "grown");
}

static const char *
lease(struct prong_request *r, const char *path)
{
	int fd = open(path, O_RDONLY);

	(void)r;
	return outcome(fd < 0 ? fd : fcntl(fd, F_SETLEASE, F_RDLCK), "leased");
}

static const char *
watch(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(inotify_init1(IN_CLOEXEC), "watching");
}

static const char *
copy_at_fork(struct prong_request *r, const char *argument)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);

	(void)r;
	(void)argument;
	return outcome(madvise(p, 4096, MADV_DOFORK), "copied");
}

static const char *
huge(struct prong_request *r, const char *argument)
{
	void *p = mmap(NULL, 1 << 21, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	(void)r;
	(void)argument;
	return outcome(p == MAP_FAILED ? -1 : 0, "mapped");
}

const struct deed argument_deeds[] = {
	{ "set_option", set_option },
	{ "set_option_blocked", set_option_blocked },
	{ "forge_refusal", forge_refusal },
	{ "make_socket", make_socket },
	{ "multipath", multipath },
	{ "fast_sendto", fast_sendto },
	{ "fast_sendmsg", fast_sendmsg },
	{ "fast_option", fast_option },
	{ "look_up", look_up },
	{ "interfaces", interfaces },
	{ "set_mode", set_mode },
	{ "process_option", process_option },
	{ "grow_pipe", grow_pipe },
	{ "lease", lease },
	{ "watch", watch },
	{ "copy_at_fork", copy_at_fork },
	{ "huge", huge },
	{ NULL, NULL },
};
