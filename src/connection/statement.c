/* SPDX-License-Identifier: ISC */
#include "connection/statement.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/dontfork.h"
#include "base/shared_memory.h"
#include "connection/handoff.h"

/* In memory that a fork does not copy. */
struct statements {
	unsigned char *map;
	size_t slot_bytes;
	void *passed_on; /* the pages of a slot that a fork inherits */
};

static size_t page_bytes;

_Static_assert(sizeof(struct statement) <= 4096, "one page");

/* One page, and whole pages for the handoff. */
static size_t
slot_bytes(size_t handoff_octets)
{
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	return page_bytes +
	    (handoff_octets > 0 ?
		    dontfork_whole_pages(handoff_bytes(handoff_octets)) :
		    0);
}

/* Most of it is never used. */
static unsigned char *
map_nameless(size_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED || madvise(map, bytes, MADV_DONTFORK) < 0)
		return NULL;
	shared_memory_note(map, bytes);
	return map;
}

static unsigned char *
map_all(size_t bytes, int *descriptor)
{
	struct shared_memory memory;

	if (!descriptor)
		return map_nameless(bytes);
	if (shared_memory_make(&memory, "prong-statements", bytes, 0, true) < 0)
		return NULL;
	*descriptor = memory.writable;
	return memory.own;
}

struct statements *
statements_new(size_t slots, size_t handoff_octets, int *descriptor)
{
	struct statements *s = dontfork_alloc(sizeof(*s));

	if (!s)
		return NULL;
	s->slot_bytes = slot_bytes(handoff_octets);
	s->map = map_all(slots * s->slot_bytes, descriptor);
	return s->map ? s : NULL;
}

struct handoff *
statements_resume(size_t slot, size_t handoff_octets, int descriptor)
{
	const size_t each = slot_bytes(handoff_octets);
	const size_t bytes = each - page_bytes;
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
	    descriptor, (off_t)(slot * each + page_bytes));

	if (map == MAP_FAILED)
		return NULL;
	shared_memory_note(map, bytes);
	return map;
}

static struct statement *
at(const struct statements *s, size_t slot)
{
	return (struct statement *)(void *)(s->map + slot * s->slot_bytes);
}

struct statement *
statements_begin(struct statements *s, size_t slot)
{
	if (shared_memory_pass_on(&s->passed_on, at(s, slot), s->slot_bytes) <
	    0)
		return NULL;
	memset(at(s, slot), 0, sizeof(struct statement));
	return at(s, slot);
}

struct handoff *
statements_handoff(const struct statements *s, size_t slot)
{
	return (struct handoff *)(void *)(s->map + slot * s->slot_bytes +
	    page_bytes);
}

void
statements_forget(struct statements *s, size_t slot)
{
	struct handoff *h = statements_handoff(s, slot);
	size_t bytes = s->slot_bytes - page_bytes;

	/* The next connection in the slot must not see it. */
	if (madvise(h, bytes, MADV_REMOVE) < 0)
		memset(h, 0, bytes);
}

void
statement_make(struct statement *s, const struct connection_facts *facts,
    struct address_key key)
{
	s->facts = *facts;
	s->key = key;
	s->is_made = 1;
	munmap(s, page_bytes);
}

bool
statements_read(const struct statements *s, size_t slot, struct statement *copy)
{
	*copy = *at(s, slot);
	return copy->is_made == 1 &&
	    copy->facts.client.length <= sizeof(copy->facts.client.storage) &&
	    copy->facts.server.length <= sizeof(copy->facts.server.storage);
}
