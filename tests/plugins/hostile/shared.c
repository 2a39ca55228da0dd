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
#include <sys/syscall.h>
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

/* Whether there is a page with that text. The kernel copies it first, without
 * libc, whose functions a sanitizer watches. */
static bool
has_text(const void *page, const char *text)
{
	char copy[PAGE];
	bool result = false;
	int fds[2];

	if (pipe(fds) < 0)
		return false;
	if (syscall(SYS_write, fds[1], page, (long)PAGE) == (long)PAGE &&
	    read(fds[0], copy, PAGE) == (ssize_t)PAGE)
		result = memmem(copy, PAGE, text, strlen(text));
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

		if (page && (uintptr_t)page % PAGE == 0 && has_text(page, line))
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
	const size_t own = (SCOREBOARD_PAGE_BYTES + sizeof(struct tally) +
			       PAGE - 1) /
	    PAGE * PAGE;
	size_t places = (size_t)atoi(argument);
	char *page = own_page(r);
	char *grown;

	if (!page)
		return "no page";
	grown = mremap(page, own, (places + 1) * own, MREMAP_MAYMOVE);
	if (grown == MAP_FAILED)
		return outcome(-1, NULL);
	memset(grown + own, 'x', places * own);
	return "written";
}

/* What realloc(3) of much memory does must go on working. */
static const char *
reallocate(struct prong_request *r, const char *argument)
{
	char *memory = calloc(1, 1 << 20), *more;
	const char *result = "ENOMEM";

	(void)r;
	(void)argument;
	if (!memory)
		return result;
	memset(memory, 'x', 1 << 20);
	more = realloc(memory, 8 << 20);
	if (!more)
		free(memory);
	else if (more[(1 << 20) - 1] == 'x')
		result = "reallocated";
	free(more);
	return result;
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

/* Random octets, over the tally, too. */
static const char *
scramble_page(struct prong_request *r, const char *argument)
{
	const size_t size = SCOREBOARD_PAGE_BYTES + sizeof(struct tally);
	unsigned char *page = own_page(r);
	size_t i;

	if (!page)
		return "no page";
	srand((unsigned)atoi(argument));
	for (i = 0; i < size; i++)
		page[i] = (unsigned char)(rand() >> 7);
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

const struct deed shared_deeds[] = { { "write_scoreboard", write_scoreboard },
	{ "truncate_scoreboard", truncate_scoreboard },
	{ "map_scoreboard", map_scoreboard },
	{ "reopen_scoreboard", reopen_scoreboard },
	{ "grow_scoreboard", grow_scoreboard }, { "reallocate", reallocate },
	{ "fill_page", fill_page }, { "scramble_page", scramble_page },
	{ "stall", stall }, { NULL, NULL } };
