/*
 * Deeds with memory: code that is made at run time, memory beyond the limit, and
 * what the kernel counts for a user as a whole.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE		 4096
#define MOST_DESCRIPTORS 4096
#define MOST_SIGNALS	 200000
#define MOST_MESSAGES	 300
#define MESSAGE_MAX	 253 /* descriptors; the kernel's */

/* A function that only returns, where the machine is known. */
static const unsigned char code[] = {
#if defined(__x86_64__)
	0xc3
#elif defined(__aarch64__)
	0xc0, 0x03, 0x5f, 0xd6
#else
	0
#endif
};

static const char *
execute(void *p)
{
	if (p == MAP_FAILED)
		return outcome(-1, NULL);
	if (sizeof(code) > 1 || code[0] != 0) {
		__builtin___clear_cache((char *)p, (char *)p + sizeof(code));
		((void (*)(void))(uintptr_t)p)();
	}
	return "executed";
}

static int
file_of_code(void)
{
	int fd = memfd_create("code", MFD_CLOEXEC);

	if (fd >= 0 && pwrite(fd, code, sizeof(code), 0) < 0)
		return -1;
	return fd;
}

static const char *
code_at_once(struct prong_request *r, const char *argument)
{
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)r;
	(void)argument;
	if (p != MAP_FAILED)
		memcpy(p, code, sizeof(code));
	return execute(p);
}

static const char *
code_by_change(struct prong_request *r, const char *argument)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int key = atoi(argument);

	(void)r;
	memcpy(p, code, sizeof(code));
	if (key < 0 ? mprotect(p, PAGE, PROT_READ | PROT_EXEC) < 0 :
		      syscall(SYS_pkey_mprotect, p, PAGE, PROT_READ | PROT_EXEC,
			  key) < 0)
		return outcome(-1, NULL);
	return execute(p);
}

/* "shared", or "private" */
static const char *
code_by_file(struct prong_request *r, const char *argument)
{
	int flags = strcmp(argument, "shared") == 0 ? MAP_SHARED : MAP_PRIVATE;

	(void)r;
	return execute(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, flags,
	    file_of_code(), 0));
}

static const char *
code_by_segment(struct prong_request *r, const char *argument)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);

	(void)r;
	(void)argument;
	if (id < 0)
		return outcome(-1, NULL);
	return execute(shmat(id, NULL, SHM_EXEC));
}

static const char *
tell_mdwe(struct prong_request *r, const char *argument)
{
	(void)argument;
	prong_printf(r, "%d\n", prctl(66, 0, 0, 0, 0));
	return NULL;
}

/* Touches so many MiB, or as many as there are. */
static const char *
touch(struct prong_request *r, int flags, int fd, size_t mebibytes)
{
	size_t bytes = mebibytes << 20;
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	(void)r;
	if (p == MAP_FAILED)
		return outcome(-1, NULL);
	for (size_t i = 0; i < bytes; i += PAGE)
		p[i] = 1;
	return "had";
}

static const char *
share_memory(struct prong_request *r, const char *argument)
{
	return touch(r, MAP_SHARED | MAP_ANONYMOUS, -1, (size_t)atoi(argument));
}

static const char *
share_file(struct prong_request *r, const char *argument)
{
	int fd = memfd_create("much", MFD_CLOEXEC);

	if (ftruncate(fd, (off_t)atoi(argument) << 20) < 0)
		return outcome(-1, NULL);
	return touch(r, MAP_SHARED, fd, (size_t)atoi(argument));
}

static const char *
map_without_reserve(struct prong_request *r, const char *argument)
{
	return touch(r, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1,
	    (size_t)atoi(argument));
}

/* How many descriptors there are when all limits that can be lifted are. */
static const char *
open_many(struct prong_request *r, const char *argument)
{
	const struct rlimit more = { MOST_DESCRIPTORS, MOST_DESCRIPTORS };
	int count = 0;

	setrlimit(RLIMIT_NOFILE, &more);
	while (count < MOST_DESCRIPTORS && dup(STDERR_FILENO) >= 0)
		count++;
	prong_printf(r, "%s %s\n",
	    count <= atoi(argument) ? "at most" : "more than", argument);
	return NULL;
}

/* Tells what it has, and keeps it until its client has gone. */
static const char *
keep(struct prong_request *r, const char *what)
{
	struct pollfd client = { .events = POLLIN | POLLRDHUP };

	prong_printf(r, "%s\n", what);
	prong_flush(r);
	for (client.fd = 3; client.fd < 64; client.fd++) {
		int type;
		socklen_t length = sizeof(type);

		if (getsockopt(client.fd, SOL_SOCKET, SO_TYPE, &type,
			&length) == 0 &&
		    type == SOCK_STREAM)
			break;
	}
	poll(&client, 1, -1);
	return NULL;
}

static const char *
queue_signals(struct prong_request *r, const char *argument)
{
	union sigval none = { 0 };
	sigset_t all;
	int count = 0;

	(void)argument;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (count < MOST_SIGNALS &&
	    sigqueue(getpid(), SIGRTMIN + 1, none) == 0)
		count++;
	return keep(r, count > 0 ? "queued" : "none");
}

static long
send_descriptors(int socket)
{
	static union {
		struct cmsghdr header;
		char space[CMSG_SPACE(MESSAGE_MAX * sizeof(int))];
	} control;
	struct iovec iov = { (char[]){ "x" }, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&m);
	int fds[MESSAGE_MAX];

	for (int i = 0; i < MESSAGE_MAX; i++)
		fds[i] = STDERR_FILENO;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	return sendmsg(socket, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static const char *
leave_in_flight(struct prong_request *r, const char *argument)
{
	int fds[2], count = 0;

	(void)argument;
	while (count < MOST_MESSAGES &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == 0 &&
	    send_descriptors(fds[0]) > 0)
		count++;
	return keep(r, "in flight");
}

const struct deed memory_deeds[] = {
	{ "code_at_once", code_at_once },
	{ "code_by_change", code_by_change },
	{ "code_by_file", code_by_file },
	{ "code_by_segment", code_by_segment },
	{ "tell_mdwe", tell_mdwe },
	{ "share_memory", share_memory },
	{ "share_file", share_file },
	{ "map_without_reserve", map_without_reserve },
	{ "open_many", open_many },
	{ "queue_signals", queue_signals },
	{ "leave_in_flight", leave_in_flight },
	{ NULL, NULL },
};
