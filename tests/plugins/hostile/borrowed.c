/*
 * Deeds with what a process holds of others in a way that its end does not end:
 * pages in the queue of a socket, the socket that was accepted, its last words.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/rings.h"
#include "base/scoreboard.h"

#define PAGE  4096u
#define REACH ((uintptr_t)1 << 30)

/* The pages of its ring, not a copy, lie in its client's queue when the process
 * has ended: whoever has the ring then writes what the client will read. */
static const char *
leave_ring(struct prong_request *r, const char *argument)
{
	struct iovec iov = { own_ring(r), RINGS_SLOT_BYTES };
	int fds[2];

	(void)argument;
	if (!iov.iov_base)
		return "no ring";
	if (pipe(fds) < 0 || vmsplice(fds[1], &iov, 1, SPLICE_F_GIFT) < 0 ||
	    splice(fds[0], NULL, client_socket(), NULL, RINGS_SLOT_BYTES, 0) <
		0)
		return outcome(-1, NULL);
	_exit(0);
}

/* Whether a shared mapping that begins at that page can be had again, larger,
 * and shows the text then. */
static UNCHECKED bool
shows_more(void *page, size_t bytes, const char *text)
{
	char *more = mremap(page, 0, bytes, MREMAP_MAYMOVE);
	int fds[2];
	bool shows = false;

	if (more == MAP_FAILED || pipe(fds) < 0)
		return false;
	/* The kernel reads first: beyond the end there is no page. */
	for (size_t i = 0; i < bytes && !shows; i += PAGE) {
		char copy[PAGE];

		if (write(fds[1], more + i, PAGE) == PAGE &&
		    read(fds[0], copy, PAGE) == PAGE)
			shows = memmem(copy, PAGE, text, strlen(text));
	}
	close(fds[0]);
	close(fds[1]);
	munmap(more, bytes);
	return shows;
}

/* A text of another connection in what lies behind a shared mapping. It comes
 * backwards, so that only another can have it. */
static const char *
grow_all(struct prong_request *r, const char *argument)
{
	char text[64] = "";
	char *here = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	(void)r;
	for (size_t n = strlen(argument), i = 0; i < n && n < sizeof(text); i++)
		text[i] = argument[n - 1 - i];
	for (uintptr_t at = 0; at < REACH; at += PAGE)
		if ((is_mapped(here + at) &&
			shows_more(here + at, 1 << 20, text)) ||
		    (is_mapped(here - at) &&
			shows_more(here - at, 1 << 20, text)))
			return "read";
	return "nothing";
}

static const char *
set_class(struct prong_request *r, const char *argument)
{
	const int tos = atoi(argument);

	(void)r;
	return outcome(setsockopt(client_socket(), IPPROTO_IP, IP_TOS, &tos,
			   sizeof(tos)),
	    "set");
}

/* All the processor time that there is, by what it says of itself. */
static const char *
claim_time(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = own_page(r);

	if (!page)
		return "no page";
	page->cpu_ms = page->time_ms = page->total_ms = page->gone_ms =
	    INT64_MAX;
	usleep((useconds_t)atoi(argument) * 1000);
	return "claimed";
}

/* A command of fcntl(2) by its number. */
static const char *
command(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(fcntl(client_socket(), atoi(argument), 0), "obeyed");
}

/* Writes to standard error, and ends at once: by that signal, or 0. */
static const char *
say_and_end(struct prong_request *r, const char *argument)
{
	static const char words[] = "the last words\n";

	(void)r;
	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		return outcome(-1, NULL);
	if (atoi(argument) > 0)
		raise(atoi(argument));
	_exit(0);
}

const struct deed borrowed_deeds[] = { { "leave_ring", leave_ring },
	{ "grow_all", grow_all }, { "set_class", set_class },
	{ "claim_time", claim_time }, { "command", command },
	{ "say_and_end", say_and_end }, { NULL, NULL } };
