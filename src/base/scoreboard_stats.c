/*
 * Reads the scoreboard for handlers, through its descriptor. Only pages of
 * living connections are shown: a process that was left behind may still write
 * to its own.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/rings.h"
#include "base/scoreboard_layout.h"

static bool
read_at(size_t offset, void *data, size_t size)
{
	return pread(scoreboard_current->fd, data, size, (off_t)offset) ==
	    (ssize_t)size;
}

/* The next slot from that on with a living connection; the number of slots for
 * none. */
static size_t
next_living(size_t slot)
{
	const size_t living_at = scoreboard_offset(scoreboard_current,
	    scoreboard_current->slots);
	unsigned char living[512];
	size_t count, i;

	for (; slot < scoreboard_current->slots; slot += count) {
		count = scoreboard_current->slots - slot;
		if (count > sizeof(living))
			count = sizeof(living);
		if (!read_at(living_at + slot, living, count))
			break;
		for (i = 0; i < count; i++)
			if (living[i])
				return slot + i;
	}
	return scoreboard_current->slots;
}

static bool
read_page(size_t slot, void *data, size_t size)
{
	return read_at(scoreboard_offset(scoreboard_current, slot), data, size);
}

static void
add_living(struct prong_server_stats *stats)
{
	struct scoreboard_page p;
	size_t i, j;

	for (i = next_living(0); i < scoreboard_current->slots;
	     i = next_living(i + 1)) {
		if (!read_page(i, &p, offsetof(struct scoreboard_page, since)))
			continue;
		stats->connections_now++;
		stats->requests_total += p.requests;
		stats->bytes_received += p.bytes_received;
		stats->bytes_sent += p.bytes_sent;
		for (j = 0; j < 6; j++)
			stats->responses[j] += p.responses[j];
		stats->log_lines_dropped += p.lines_dropped;
	}
}

int
scoreboard_server_stats(struct prong_server_stats *stats)
{
	struct header h;

	if (!scoreboard_current || !read_at(0, &h, sizeof(h)))
		return -1;
	*stats = (struct prong_server_stats){
		.started = h.master_started,
		.generation_started = h.generation_started,
		.generation = h.generation,
		.master_pid = h.master_pid,
		.generation_pid = h.generation_pid,
		.connections_max = h.max,
		.connections_total = h.connections,
		.connections_refused = h.refused,
		.connections_crashed = h.crashed,
		.requests_total = h.requests,
		.bytes_received = h.bytes_received,
		.bytes_sent = h.bytes_sent,
		.version = PRONG_VERSION,
		.log_lines_dropped = h.lines_dropped +
		    rings_dropped().access_lines,
		.is_leaving = h.is_leaving,
	};
	memcpy(stats->responses, h.responses, sizeof(h.responses));
	add_living(stats);
	return 0;
}

static const char *
state_name(uint32_t state)
{
	static const char *const names[] = {
		[SCOREBOARD_FREE] = "free",
		[SCOREBOARD_WAITING] = "waiting",
		[SCOREBOARD_READING] = "reading",
		[SCOREBOARD_HANDLING] = "handling",
		[SCOREBOARD_SENDING] = "sending",
		[SCOREBOARD_CLOSING] = "closing",
		[SCOREBOARD_CRASHED] = "crashed",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] :
							  "unknown";
}

/* A text in the page of a broken process may lack its NUL. */
static void
copy_text(char *to, size_t size, const char *from)
{
	memcpy(to, from, size);
	to[size - 1] = '\0';
}

int
scoreboard_connection_stats(uint64_t *cursor,
    struct prong_connection_stats *stats)
{
	struct scoreboard_page p;
	size_t slot;

	while (scoreboard_current &&
	    (slot = next_living((size_t)*cursor)) < scoreboard_current->slots) {
		*cursor = slot + 1;
		if (!read_page(slot, &p, sizeof(p)))
			continue;
		*stats = (struct prong_connection_stats){
			.pid = p.pid,
			.requests = p.requests,
			.bytes_sent = p.bytes_sent,
			.since = p.since,
			.request_since = p.request_since,
		};
		snprintf(stats->state, sizeof(stats->state), "%s",
		    state_name(p.state));
		copy_text(stats->client, sizeof(stats->client), p.client);
		copy_text(stats->request, sizeof(stats->request), p.request);
		copy_text(stats->handler, sizeof(stats->handler), p.handler);
		return 1;
	}
	return 0;
}

int
scoreboard_handler_stats(uint64_t *cursor, struct prong_handler_stats *stats)
{
	struct header h;

	if (!scoreboard_current || *cursor >= HANDLERS_MAX ||
	    !read_at(0, &h, sizeof(h)) || h.handlers[*cursor].name[0] == '\0')
		return 0;
	stats->crashes = h.handlers[*cursor].crashes;
	copy_text(stats->name, sizeof(stats->name), h.handlers[*cursor].name);
	++*cursor;
	return 1;
}
