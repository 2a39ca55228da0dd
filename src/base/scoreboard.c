/*
 * The scoreboard, as the generation has it. See scoreboard_layout.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/scoreboard.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dontfork.h"
#include "base/log.h"
#include "base/scoreboard_layout.h"

struct scoreboard *scoreboard_current;

size_t
scoreboard_bytes(const struct scoreboard *s)
{
	return scoreboard_offset(s, s->slots) + s->slots * sizeof(int64_t);
}

/* Whole pages of memory. What is not touched costs nothing. */
size_t
scoreboard_stride(void)
{
	const size_t bytes = SCOREBOARD_PAGE_BYTES + sizeof(struct tally);
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

static struct scoreboard *
allocate(size_t slots)
{
	struct scoreboard *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->memory.writable = s->memory.readable = -1;
	s->slots = (uint32_t)slots;
	s->stride = scoreboard_stride();
	return s;
}

/* A private one does where there is none of the master, or one of another
 * release. */
static bool
open_annals(struct scoreboard *s, int fd)
{
	int own = -1;

	if (fd > 0)
		s->annals = annals_map(fd, &s->shown);
	if (!s->annals && fd > 0)
		log_warning("counts begin anew: %s",
		    errno == EPROTO ? "those of the server are of another "
				      "release" :
				      strerror(errno));
	if (!s->annals && (own = annals_new()) >= 0) {
		s->annals = annals_map(own, &s->shown);
		close(own);
	}
	return s->annals;
}

static bool
open_own_memory(struct scoreboard *s, int annals)
{
	s->passed_on = dontfork_alloc(sizeof(*s->passed_on));
	s->early = dontfork_alloc(s->slots * sizeof(*s->early));
	s->told = dontfork_alloc(s->slots * sizeof(*s->told));
	s->copy = dontfork_alloc(sizeof(*s->copy));
	return s->passed_on && s->early && s->told && s->copy &&
	    open_annals(s, annals);
}

static int
open_memory(struct scoreboard *s, int file, bool is_lasting)
{
	const size_t bytes = scoreboard_bytes(s);
	const size_t shown = is_lasting ? bytes : 0;

	return file > 0 ?
	    shared_memory_make_in(&s->memory, file, bytes, shown, is_lasting) :
	    shared_memory_make(&s->memory, "prong-scoreboard", bytes, shown,
		is_lasting);
}

/* A connection inherits no page for writing but one. It reads the
 * others by the sealed descriptor; in lasting memory, by the second mapping. */
struct scoreboard *
scoreboard_new(size_t slots, size_t max, const struct scoreboard_origin *origin,
    bool is_lasting)
{
	struct scoreboard *s = allocate(slots);

	if (!s)
		return NULL;
	if (!open_own_memory(s, origin->totals) ||
	    open_memory(s, origin->file, is_lasting) < 0) {
		scoreboard_free(s);
		return NULL;
	}
	*scoreboard_header(s) = (struct header){
		.version = SCOREBOARD_VERSION,
		.slots = s->slots,
		.max = (uint32_t)max,
		.origin = *origin,
		.generation_started = time(NULL),
		.generation_started_ms = clock_ms(),
		.generation_pid = (uint64_t)getpid(),
	};
	scoreboard_current = s;
	return s;
}

void
scoreboard_have_workers(struct scoreboard *s, size_t workers, size_t accepting,
    const struct ledgers_size *ledgers)
{
	struct header *h = scoreboard_header(s);

	s->workers = h->workers = (uint32_t)workers;
	s->accepting = h->accepting = (uint32_t)accepting;
	s->members = ledgers->others;
	h->ledgers = *ledgers;
}

struct shared_memory *
scoreboard_memory(struct scoreboard *s)
{
	return &s->memory;
}

struct scoreboard_page *
scoreboard_resume(size_t slots, size_t slot, int writable, int readable)
{
	struct scoreboard *s = allocate(slots);

	if (!s)
		return NULL;
	s->memory = (struct shared_memory){ .bytes = scoreboard_bytes(s),
		.shown_bytes = scoreboard_bytes(s),
		.writable = writable,
		.readable = readable };
	if (slot >= slots ||
	    shared_memory_map_part(&s->memory, scoreboard_offset(s, slot),
		s->stride) < 0) {
		scoreboard_free(s);
		return NULL;
	}
	scoreboard_current = s;
	return scoreboard_page(s, slot);
}

void
scoreboard_free(struct scoreboard *s)
{
	if (!s)
		return;
	shared_memory_free(&s->memory);
	annals_unmap(s->annals, s->shown);
	if (scoreboard_current == s)
		scoreboard_current = NULL;
	free(s);
}

struct scoreboard_page *
scoreboard_begin(struct scoreboard *s, size_t slot)
{
	struct scoreboard_page *p = scoreboard_page(s, slot);

	if (shared_memory_pass_on(s->passed_on, p, s->stride) < 0)
		return NULL;
	scoreboard_look_at_others(s);
	*scoreboard_began_ms(s, slot) = clock_ms();
	p->state = SCOREBOARD_WAITING;
	p->is_draining = s->is_draining;
	p->is_stopping = s->is_stopping;
	p->release = (struct release){ 0, 0 };
	return p;
}

void
scoreboard_name_client(struct scoreboard_page *page, const char *text)
{
	size_t length = strlen(text), most = sizeof(page->client) - 1;

	if (length > most)
		length = most;
	memcpy(page->client, text, length);
	page->client[length] = '\0';
}

void
scoreboard_release(struct scoreboard *s, size_t slot)
{
	release_give(&scoreboard_page(s, slot)->release);
}

void
scoreboard_leave(struct scoreboard *s)
{
	scoreboard_header(s)->is_leaving = 1;
}

void
scoreboard_drain(struct scoreboard *s)
{
	s->is_draining = true;
}

void
scoreboard_tell_drain(struct scoreboard *s, size_t slot)
{
	scoreboard_page(s, slot)->is_draining = true;
}

void
scoreboard_stop(struct scoreboard *s)
{
	s->is_stopping = true;
}

void
scoreboard_tell_stop(struct scoreboard *s, size_t slot)
{
	scoreboard_page(s, slot)->is_stopping = true;
}

void
scoreboard_tell_others(struct scoreboard *s, size_t slot, bool others_wait)
{
	scoreboard_page(s, slot)->others_wait = others_wait;
}

void
scoreboard_tell_end(struct scoreboard *s, size_t slot)
{
	scoreboard_page(s, slot)->is_draining = true;
	scoreboard_page(s, slot)->is_unwanted = true;
}

void
scoreboard_add_handler(struct scoreboard *s, const char *name)
{
	struct handler_count *counts = scoreboard_header(s)->handlers;
	const size_t length = sizeof(counts[0].name) - 1;
	size_t i;

	annals_begin(s->annals, "", "");
	annals_begin(s->annals, name, "");
	for (i = 0; i < HANDLERS_MAX; i++) {
		if (strncmp(counts[i].name, name, length) == 0)
			return;
		if (counts[i].name[0] == '\0') {
			strncpy(counts[i].name, name, length);
			return;
		}
	}
}

void
scoreboard_add_route(struct scoreboard *s, const char *name, const char *path)
{
	annals_begin(s->annals, name, path);
}

static void
count(struct scoreboard *s, enum total total, uint64_t more)
{
	struct totals t = { { 0 } };

	t.of[total] = more;
	scoreboard_add(s, &t);
}

static void
count_crash(struct scoreboard *s, const char *handler)
{
	struct header *h = scoreboard_header(s);
	struct annals_series *series;
	size_t i;

	count(s, TOTAL_CRASHED, 1);
	series = annals_find(s->annals, handler, "");
	if (series)
		__atomic_fetch_add(&series->crashes, 1, __ATOMIC_RELAXED);
	for (i = 0; i < HANDLERS_MAX && h->handlers[i].name[0] != '\0'; i++)
		if (strncmp(h->handlers[i].name, handler,
			sizeof(h->handlers[i].name) - 1) == 0)
			h->handlers[i].crashes++;
}

void
scoreboard_end(struct scoreboard *s, size_t slot, const char *crashed)
{
	struct scoreboard_page *p = scoreboard_page(s, slot);
	struct header *h = scoreboard_header(s);

	scoreboard_turn(s);
	scoreboard_settle_slot(s, slot, true);
	if (p->lines_dropped > 0)
		h->log_error = p->log_error;
	if (crashed)
		count_crash(s, crashed);
	memset(p, 0, sizeof(*p));
	memset(scoreboard_tally(p), 0, offsetof(struct tally, cells));
	*scoreboard_began_ms(s, slot) = 0;
	scoreboard_turn(s);
}

void
scoreboard_count_lost(struct scoreboard *s, size_t slot,
    const struct scoreboard_request *request, int status, size_t method)
{
	struct scoreboard_page *p = scoreboard_page(s, slot);
	struct tally *tally = scoreboard_tally(p);
	const int64_t now_ms = clock_ms();
	const int64_t began_ms = *scoreboard_began_ms(s, slot);
	const int64_t since_ms = request->since_ms < began_ms ||
		request->since_ms > now_ms ?
	    now_ms :
	    request->since_ms;
	struct tally_cell *cell = tally_find(tally,
	    annals_find(s->annals, request->handler, "") ? request->handler :
							   "",
	    "");

	p->responses[status / 100]++;
	if (cell)
		tally_count(tally, cell, status, method,
		    (uint64_t)(now_ms - since_ms) * 1000);
}

bool
scoreboard_take_request(struct scoreboard *s, size_t slot,
    struct scoreboard_request *request)
{
	struct scoreboard_page *p = scoreboard_page(s, slot);

	if (!p->is_unrecorded)
		return false;
	memcpy(request->line, p->request, sizeof(request->line));
	request->line[sizeof(request->line) - 1] = '\0';
	memcpy(request->handler, p->handler, sizeof(request->handler));
	request->handler[sizeof(request->handler) - 1] = '\0';
	request->since = p->request_since;
	request->since_ms = p->request_since_ms;
	p->is_unrecorded = 0;
	return true;
}

void
scoreboard_count_connections(struct scoreboard *s, int more)
{
	count(s, TOTAL_CONNECTIONS, (uint64_t)more);
}

uint32_t
scoreboard_state(const struct scoreboard *s, size_t slot)
{
	return scoreboard_page(s, slot)->state;
}

bool
scoreboard_has_core(const struct scoreboard *s, size_t slot)
{
	return scoreboard_page(s, slot)->has_core;
}

int64_t
scoreboard_turn_ms(const struct scoreboard *s, size_t slot)
{
	return scoreboard_page(s, slot)->turn_ms;
}

/* A text in the page of a broken process may lack its NUL. */
void
scoreboard_handler(const struct scoreboard *s, size_t slot, char name[32])
{
	memcpy(name, scoreboard_page(s, slot)->handler, 32);
	name[31] = '\0';
}

void
scoreboard_client(const struct scoreboard *s, size_t slot,
    char text[SCOREBOARD_CLIENT_BYTES])
{
	memcpy(text, scoreboard_page(s, slot)->client, SCOREBOARD_CLIENT_BYTES);
	text[SCOREBOARD_CLIENT_BYTES - 1] = '\0';
}

uint64_t
scoreboard_dropped_by(const struct scoreboard *s, size_t slot, int *error)
{
	const struct scoreboard_page *p = scoreboard_page(s, slot);
	const uint64_t lines = scoreboard_believed_lines(p,
	    *scoreboard_began_ms(s, slot));

	if (lines > 0)
		*error = p->log_error;
	return lines;
}

struct scoreboard_signs
scoreboard_signs(const struct scoreboard *s, size_t slot)
{
	const struct scoreboard_page *p = scoreboard_page(s, slot);

	return (struct scoreboard_signs){
		.state = p->state,
		.requests = p->requests,
		.octets = p->bytes_received + p->bytes_sent + p->bytes_taken,
		.calls = p->calls,
		.is_waiting = p->is_waiting,
		.has_left = p->has_left,
		.time_ms = p->time_ms,
		.total_ms = p->total_ms,
		.cpu_ms = p->cpu_ms,
		.gone_ms = p->gone_ms,
	};
}

void
scoreboard_count_refused(struct scoreboard *s, enum refusal refusal)
{
	count(s, TOTAL_REFUSED, 1);
	count(s, TOTAL_REFUSALS + refusal, 1);
	count(s, TOTAL_RESPONSES + 5, 1);
}
