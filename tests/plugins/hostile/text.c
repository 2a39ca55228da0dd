/*
 * Deeds to what people look at: the status page, and what it counts.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/scoreboard.h"

/* Until the client has gone. */
static void
stay(struct prong_request *r)
{
	static const struct timespec nap = { .tv_nsec = 10000000 };

	while (prong_print(r, ".\n") == 0 && prong_flush(r) == 0)
		nanosleep(&nap, NULL);
}

/* Octets 1 to 255 in turn, from an offset on; none of them is a NUL. */
static void
paint(char *text, size_t size, unsigned offset)
{
	for (size_t i = 0; i < size; i++)
		text[i] = (char)(1 + (offset + i) % 255);
}

/* A text again and again, without a NUL at the end. */
static void
repeat(char *text, size_t size, const char *what)
{
	for (size_t i = 0; i < size; i++)
		text[i] = what[i % strlen(what)];
}

/* All its texts have every octet in turn, from an offset on, and all its
 * numbers are of the largest. */
static const char *
paint_page(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = (void *)own_page(r);
	unsigned offset = (unsigned)atoi(argument);

	if (!page)
		return "no page";
	paint(page->client, sizeof(page->client), offset);
	paint(page->request, sizeof(page->request), offset);
	paint(page->handler, sizeof(page->handler), offset);
	page->state = UINT32_MAX;
	page->pid = page->requests = UINT64_MAX;
	page->since = page->request_since = offset % 2 ? 1 : INT64_MIN;
	stay(r);
	return NULL;
}

/* All its texts are that one, over and over. */
static const char *
write_page(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = (void *)own_page(r);

	if (!page || *argument == '\0')
		return "no page";
	repeat(page->client, sizeof(page->client), argument);
	repeat(page->request, sizeof(page->request), argument);
	repeat(page->handler, sizeof(page->handler), argument);
	stay(r);
	return NULL;
}

/* "NUMBER [end]": that number of everything that is counted. */
static const char *
claim_counts(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = (void *)own_page(r);
	uint64_t number = strtoull(argument, NULL, 0);

	if (!page)
		return "no page";
	page->requests = page->bytes_received = page->bytes_sent = number;
	page->lines_dropped = number;
	for (size_t i = 0; i < 6; i++)
		page->responses[i] = number;
	if (strstr(argument, "end"))
		_exit(0);
	stay(r);
	return NULL;
}

const struct deed text_deeds[] = { { "paint_page", paint_page },
	{ "write_page", write_page }, { "claim_counts", claim_counts },
	{ NULL, NULL } };
