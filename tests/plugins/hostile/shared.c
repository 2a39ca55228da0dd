/*
 * Deeds to what connections share with their generation: the scoreboard, and
 * the socket over which a connection is handed off.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/scoreboard.h"

#define MOST_DESCRIPTORS 1024
#define PAGE		 4096u

/* How many may come with one message (SCM_MAX_FD). */
#define MOST_SENT 253

/* The one memfd that is sealed against writing. */
static int
scoreboard(void)
{
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
		int seals = fcntl(fd, F_GET_SEALS);

		if (seals > 0 && (seals & F_SEAL_FUTURE_WRITE))
			return fd;
	}
	return -1;
}

static const char *
write_scoreboard(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(pwrite(scoreboard(), "harm", 4, 0), "written");
}

static const char *
truncate_scoreboard(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(ftruncate(scoreboard(), 0), "truncated");
}

static const char *
map_scoreboard(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   scoreboard(), 0) == MAP_FAILED ?
		-1 :
		0,
	    "mapped");
}

static const char *
reopen_scoreboard(struct prong_request *r, const char *argument)
{
	char path[64];
	int fd;

	(void)r;
	(void)argument;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", scoreboard());
	fd = open(path, O_RDWR);
	if (fd < 0)
		return outcome(-1, NULL);
	return outcome(pwrite(fd, "harm", 4, 0), "written");
}

/* Whether there is memory: the kernel reads it for us. */
static int
is_mapped(const void *address)
{
	int fds[2], result;

	if (pipe(fds) < 0)
		return 0;
	result = write(fds[1], address, 1) == 1;
	close(fds[0]);
	close(fds[1]);
	return result;
}

/* A page among the pointers there that speaks of this request. */
static UNCHECKED char *
page_among(char *const *pointers)
{
	static const char line[] = "GET /hostile";

	for (size_t i = 0; i < 64; i++) {
		char *page = pointers[i];

		if (page && (uintptr_t)page % PAGE == 0 && is_mapped(page) &&
		    memmem(page, PAGE, line, sizeof(line) - 1))
			return page;
	}
	return NULL;
}

/* The page of this connection: the request, which is opaque, leads to it, or to
 * a structure that does. */
UNCHECKED void *
own_page(struct prong_request *r)
{
	char *const *pointers = (char *const *)(const void *)r;
	char *page = page_among(pointers);

	for (size_t i = 0; i < 64 && !page; i++) {
		char *next = pointers[i];

		if (next && (uintptr_t)next % sizeof(next) == 0 &&
		    is_mapped(next) && is_mapped(next + 64 * sizeof(next) - 1))
			page = page_among((char *const *)(void *)next);
	}
	return page;
}

/* A shared mapping that grows reaches what lies behind it in the file. */
static const char *
grow_scoreboard(struct prong_request *r, const char *argument)
{
	size_t pages = (size_t)atoi(argument);
	char *page = own_page(r);
	char *grown;

	if (!page)
		return "no page";
	grown = mremap(page, PAGE, (pages + 1) * PAGE, MREMAP_MAYMOVE);
	if (grown == MAP_FAILED)
		return outcome(-1, NULL);
	memset(grown + PAGE, 'x', pages * PAGE);
	return "written";
}

/* What realloc(3) of much memory does must go on working. */
static const char *
reallocate(struct prong_request *r, const char *argument)
{
	char *memory = malloc(1 << 20);

	(void)r;
	(void)argument;
	memset(memory, 'x', 1 << 20);
	memory = realloc(memory, 8 << 20);
	return memory && memory[(1 << 20) - 1] == 'x' ? "reallocated" :
							"ENOMEM";
}

/* Its own page is its own, and the generation adds up what it says. */
static const char *
fill_page(struct prong_request *r, const char *argument)
{
	char *page = own_page(r);

	if (!page)
		return "no page";
	memset(page, atoi(argument), PAGE);
	return "written";
}

/* Never returns, and says that it does something else, with all the time in the
 * world: a state's number, and its limit of time, in seconds. */
static const char *
stall(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = own_page(r);
	char *rest;
	sigset_t all;

	if (!page)
		return "no page";
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	page->state = (uint32_t)strtol(argument, &rest, 10);
	page->time_ms = strtol(rest, NULL, 10) * 1000;
	for (;;)
		pause();
	return NULL;
}

static int
handoff(void)
{
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
		struct sockaddr address;
		socklen_t size = sizeof(address);

		if (getsockname(fd, &address, &size) == 0 &&
		    address.sa_family == AF_UNIX)
			return fd;
	}
	return -1;
}

static ssize_t
forge(int socket, int flags)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(MOST_SENT * sizeof(int))];
	} control = { .space = { 0 } };
	char octets[600] = "harm";
	struct iovec iov = { octets, sizeof(octets) };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fds[MOST_SENT];

	for (size_t i = 0; i < MOST_SENT; i++)
		fds[i] = socket;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	return sendmsg(socket, &message, MSG_NOSIGNAL | flags);
}

/* Messages of a wrong size, with as many descriptors as can be sent. */
static const char *
forge_handoff(struct prong_request *r, const char *argument)
{
	int fd = handoff();
	ssize_t n = -1;

	(void)r;
	for (int i = atoi(argument); i > 0; i--)
		n = forge(fd, MSG_DONTWAIT);
	return outcome(n, "sent");
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* As fast as they are taken, for so many milliseconds. */
static const char *
flood_handoff(struct prong_request *r, const char *argument)
{
	int64_t until = milliseconds() + atoi(argument);
	int fd = handoff();

	(void)r;
	while (milliseconds() < until)
		if (send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return outcome(-1, NULL);
	return "sent";
}

const struct deed shared_deeds[] = { { "write_scoreboard", write_scoreboard },
	{ "truncate_scoreboard", truncate_scoreboard },
	{ "map_scoreboard", map_scoreboard },
	{ "reopen_scoreboard", reopen_scoreboard },
	{ "grow_scoreboard", grow_scoreboard }, { "reallocate", reallocate },
	{ "fill_page", fill_page }, { "stall", stall },
	{ "forge_handoff", forge_handoff }, { "flood_handoff", flood_handoff },
	{ NULL, NULL } };
