/*
 * The scoreboard, as the generation has it. See scoreboard_layout.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/dontfork.h"
#include "base/scoreboard_layout.h"

#define NOBODY SIZE_MAX

struct scoreboard *scoreboard_current;

static size_t
map_bytes(const struct scoreboard *s)
{
	return scoreboard_offset(s, s->slots) + s->slots;
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
	    scoreboard_offset(s, slot));
}

static unsigned char *
is_living(const struct scoreboard *s, size_t slot)
{
	return s->map + scoreboard_offset(s, s->slots) + slot;
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
scoreboard_new(size_t slots, size_t max, uint64_t generation,
    int64_t master_started, uint64_t master_pid)
{
	struct scoreboard *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = -1;
	s->slots = (uint32_t)slots;
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
		.max = (uint32_t)max,
		.master_started = master_started,
		.generation_started = time(NULL),
		.generation = generation,
		.master_pid = master_pid,
		.generation_pid = (uint64_t)getpid(),
	};
	scoreboard_current = s;
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
	if (scoreboard_current == s)
		scoreboard_current = NULL;
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
	*is_living(s, slot) = 1;
	p->state = SCOREBOARD_WAITING;
	p->is_draining = s->is_draining;
	p->release = (struct release){ 0, 0 };
	return p;
}

void
scoreboard_release(struct scoreboard *s, size_t slot)
{
	release_give(&page(s, slot)->release);
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
	*is_living(s, slot) = 0;
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

bool
scoreboard_has_core(const struct scoreboard *s, size_t slot)
{
	return page(s, slot)->has_core;
}

int64_t
scoreboard_turn_ms(const struct scoreboard *s, size_t slot)
{
	return page(s, slot)->turn_ms;
}

/* A text in the page of a broken process may lack its NUL. */
void
scoreboard_handler(const struct scoreboard *s, size_t slot, char name[32])
{
	memcpy(name, page(s, slot)->handler, 32);
	name[31] = '\0';
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

	return (struct scoreboard_signs){
		.state = p->state,
		.requests = p->requests,
		.octets = p->bytes_received + p->bytes_sent + p->bytes_taken,
		.calls = p->calls,
		.is_waiting = p->is_waiting,
		.time_ms = p->time_ms,
		.total_ms = p->total_ms,
		.cpu_ms = p->cpu_ms,
		.gone_ms = p->gone_ms,
	};
}

void
scoreboard_count_refused(struct scoreboard *s)
{
	header(s)->refused++;
}

void
scoreboard_span(const void **begin, size_t *bytes)
{
	*begin = scoreboard_current ? scoreboard_current->map : NULL;
	*bytes = *begin ? map_bytes(scoreboard_current) : 0;
}
