/*
 * The scoreboard. Page 0 belongs to the generation: facts, and the totals of
 * ended connections. Page 1 + slot belongs to the connection in that slot.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/dontfork.h"

/* Increase it with every change of the two structures in the memfd. */
#define SCOREBOARD_VERSION 5

/* Crashes of further handlers are only in the total. */
#define HANDLERS_MAX 64

struct handler_count {
	uint64_t crashes;
	char name[32]; /* as in a page; "": unused */
};

struct header {
	uint32_t version;
	uint32_t slots;
	int64_t master_started, generation_started;
	uint64_t generation, master_pid, generation_pid;
	uint64_t connections, refused, crashed;
	uint64_t requests, bytes_received, bytes_sent;
	uint64_t responses[6];
	uint64_t lines_dropped;
	int64_t log_error; /* errno of the last dropped line */
	uint64_t is_leaving;
	struct handler_count handlers[HANDLERS_MAX];
};

#define NOBODY SIZE_MAX

struct scoreboard {
	int fd;
	uint32_t slots;
	size_t stride;	   /* between pages: whole pages of memory */
	size_t *passed_on; /* the slot whose page a fork inherits */
	bool is_draining;
	unsigned char *map; /* all pages; in the generation */
};

_Static_assert(sizeof(struct header) <= SCOREBOARD_PAGE_BYTES, "one page");
_Static_assert(sizeof(struct scoreboard_page) <= SCOREBOARD_PAGE_BYTES,
    "one page");

/* The scoreboard of this process's generation. */
static struct scoreboard *current;

static size_t
map_bytes(const struct scoreboard *s)
{
	return ((size_t)s->slots + 1) * s->stride;
}

static struct header *
header(const struct scoreboard *s)
{
	return (struct header *)(void *)s->map;
}

static struct scoreboard_page *
page(const struct scoreboard *s, size_t slot)
{
	assert(slot < s->slots);
	return (struct scoreboard_page *)(void *)(s->map +
	    (slot + 1) * s->stride);
}

/*
 * F_SEAL_FUTURE_WRITE after mapping: a process with the descriptor can read the
 * scoreboard, but neither write nor map it for writing. A forked process
 * inherits no page of the mapping but one: see pass_on.
 */
static int
open_memory(struct scoreboard *s)
{
	s->fd = memfd_create("prong-scoreboard",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (s->fd < 0 || ftruncate(s->fd, (off_t)map_bytes(s)) < 0)
		return -1;
	s->map = mmap(NULL, map_bytes(s), PROT_READ | PROT_WRITE, MAP_SHARED,
	    s->fd, 0);
	if (s->map == MAP_FAILED)
		s->map = NULL;
	if (!s->map || madvise(s->map, map_bytes(s), MADV_DONTFORK) < 0)
		return -1;
	return fcntl(s->fd, F_ADD_SEALS,
	    F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

struct scoreboard *
scoreboard_new(size_t slots, uint64_t generation, int64_t master_started,
    uint64_t master_pid)
{
	struct scoreboard *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = -1;
	s->slots = (uint32_t)(slots + SCOREBOARD_RESERVED);
	s->stride = (size_t)sysconf(_SC_PAGESIZE);
	if (s->stride < SCOREBOARD_PAGE_BYTES)
		s->stride = SCOREBOARD_PAGE_BYTES;
	s->passed_on = dontfork_alloc(sizeof(*s->passed_on));
	if (s->passed_on)
		*s->passed_on = NOBODY;
	if (!s->passed_on || open_memory(s) < 0) {
		scoreboard_free(s);
		return NULL;
	}
	*header(s) = (struct header){
		.version = SCOREBOARD_VERSION,
		.slots = s->slots,
		.master_started = master_started,
		.generation_started = time(NULL),
		.generation = generation,
		.master_pid = master_pid,
		.generation_pid = (uint64_t)getpid(),
	};
	current = s;
	return s;
}

void
scoreboard_free(struct scoreboard *s)
{
	if (!s)
		return;
	if (s->map)
		munmap(s->map, map_bytes(s));
	if (s->fd >= 0)
		close(s->fd);
	if (current == s)
		current = NULL;
	free(s);
}

/* The next forked process inherits that page alone. Unmapping the other pages
 * in each connection would take several times as long. */
static int
pass_on(struct scoreboard *s, size_t slot)
{
	if (*s->passed_on == slot)
		return 0;
	if (*s->passed_on != NOBODY &&
	    madvise(page(s, *s->passed_on), s->stride, MADV_DONTFORK) < 0)
		return -1;
	*s->passed_on = NOBODY;
	if (madvise(page(s, slot), s->stride, MADV_DOFORK) < 0)
		return -1;
	*s->passed_on = slot;
	return 0;
}

struct scoreboard_page *
scoreboard_begin(struct scoreboard *s, size_t slot)
{
	struct scoreboard_page *p = page(s, slot);

	if (pass_on(s, slot) < 0)
		return NULL;
	p->state = SCOREBOARD_WAITING;
	p->is_draining = s->is_draining;
	return p;
}

void
scoreboard_leave(struct scoreboard *s)
{
	header(s)->is_leaving = 1;
}

void
scoreboard_drain(struct scoreboard *s)
{
	s->is_draining = true;
}

void
scoreboard_tell_drain(struct scoreboard *s, size_t slot)
{
	page(s, slot)->is_draining = true;
}

void
scoreboard_tell_end(struct scoreboard *s, size_t slot)
{
	page(s, slot)->is_draining = true;
	page(s, slot)->is_unwanted = true;
}

void
scoreboard_add_handler(struct scoreboard *s, const char *name)
{
	struct handler_count *counts = header(s)->handlers;
	const size_t length = sizeof(counts[0].name) - 1;
	size_t i;

	for (i = 0; i < HANDLERS_MAX; i++) {
		if (strncmp(counts[i].name, name, length) == 0)
			return;
		if (counts[i].name[0] == '\0') {
			strncpy(counts[i].name, name, length);
			return;
		}
	}
}

static void
count_crash(struct header *h, const char *handler)
{
	size_t i;

	h->crashed++;
	for (i = 0; i < HANDLERS_MAX && h->handlers[i].name[0] != '\0'; i++)
		if (strncmp(h->handlers[i].name, handler,
			sizeof(h->handlers[i].name) - 1) == 0)
			h->handlers[i].crashes++;
}

void
scoreboard_end(struct scoreboard *s, size_t slot, const char *crashed)
{
	struct scoreboard_page *p = page(s, slot);
	struct header *h = header(s);
	size_t i;

	h->requests += p->requests;
	h->bytes_received += p->bytes_received;
	h->bytes_sent += p->bytes_sent;
	for (i = 0; i < 6; i++)
		h->responses[i] += p->responses[i];
	h->lines_dropped += p->lines_dropped;
	if (p->lines_dropped > 0)
		h->log_error = p->log_error;
	if (crashed)
		count_crash(h, crashed);
	memset(p, 0, sizeof(*p));
}

void
scoreboard_count_connections(struct scoreboard *s, int more)
{
	header(s)->connections += (uint64_t)more;
}

uint32_t
scoreboard_state(const struct scoreboard *s, size_t slot)
{
	return page(s, slot)->state;
}

int64_t
scoreboard_turn_ms(const struct scoreboard *s, size_t slot)
{
	return page(s, slot)->turn_ms;
}

/* A text in the page of a broken process may lack its NUL. */
static void
copy_text(char *to, size_t size, const char *from)
{
	memcpy(to, from, size);
	to[size - 1] = '\0';
}

void
scoreboard_handler(const struct scoreboard *s, size_t slot, char name[32])
{
	copy_text(name, 32, page(s, slot)->handler);
}

int64_t
scoreboard_kill_at(const struct scoreboard *s, size_t slot)
{
	return page(s, slot)->kill_at_ms;
}

uint64_t
scoreboard_dropped(const struct scoreboard *s, int *error)
{
	if (header(s)->lines_dropped > 0)
		*error = (int)header(s)->log_error;
	return header(s)->lines_dropped;
}

uint64_t
scoreboard_dropped_by(const struct scoreboard *s, size_t slot, int *error)
{
	const struct scoreboard_page *p = page(s, slot);

	if (p->lines_dropped > 0)
		*error = p->log_error;
	return p->lines_dropped;
}

struct scoreboard_signs
scoreboard_signs(const struct scoreboard *s, size_t slot)
{
	const struct scoreboard_page *p = page(s, slot);

	return (struct scoreboard_signs){ p->state, p->requests,
		p->bytes_received + p->bytes_sent + p->bytes_taken };
}

void
scoreboard_count_refused(struct scoreboard *s)
{
	header(s)->refused++;
}

void
scoreboard_span(const void **begin, size_t *bytes)
{
	*begin = current ? current->map : NULL;
	*bytes = *begin ? map_bytes(current) : 0;
}

static bool
read_page(size_t index, void *data, size_t size)
{
	return pread(current->fd, data, size,
		   (off_t)(index * current->stride)) == (ssize_t)size;
}

static void
add_living(struct prong_server_stats *stats)
{
	struct scoreboard_page p;
	size_t i, j;

	for (i = 0; i < current->slots; i++) {
		if (!read_page(i + 1, &p,
			offsetof(struct scoreboard_page, since)) ||
		    p.state == SCOREBOARD_FREE)
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

	if (!current || !read_page(0, &h, sizeof(h)))
		return -1;
	*stats = (struct prong_server_stats){
		.started = h.master_started,
		.generation_started = h.generation_started,
		.generation = h.generation,
		.master_pid = h.master_pid,
		.generation_pid = h.generation_pid,
		.connections_max = h.slots - SCOREBOARD_RESERVED,
		.connections_total = h.connections,
		.connections_refused = h.refused,
		.connections_crashed = h.crashed,
		.requests_total = h.requests,
		.bytes_received = h.bytes_received,
		.bytes_sent = h.bytes_sent,
		.version = PRONG_VERSION,
		.log_lines_dropped = h.lines_dropped,
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

int
scoreboard_connection_stats(uint64_t *cursor,
    struct prong_connection_stats *stats)
{
	struct scoreboard_page p;

	while (current && *cursor < current->slots) {
		if (!read_page((size_t)++ * cursor, &p, sizeof(p)) ||
		    p.state == SCOREBOARD_FREE)
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

	if (!current || *cursor >= HANDLERS_MAX ||
	    !read_page(0, &h, sizeof(h)) || h.handlers[*cursor].name[0] == '\0')
		return 0;
	stats->crashes = h.handlers[*cursor].crashes;
	copy_text(stats->name, sizeof(stats->name), h.handlers[*cursor].name);
	++*cursor;
	return 1;
}
