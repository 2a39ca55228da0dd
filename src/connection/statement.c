/* SPDX-License-Identifier: ISC */
#include "connection/statement.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/dontfork.h"
#include "config/handler.h"
#include "config/route.h"

#define NOBODY SIZE_MAX

/* In memory that a fork does not copy. */
struct statements {
	unsigned char *map;
	size_t page_bytes;
	size_t passed_on; /* the slot whose page a fork inherits */
};

_Static_assert(sizeof(struct statement) <= 4096, "one page");

struct statements *
statements_new(size_t slots)
{
	struct statements *s = dontfork_alloc(sizeof(*s));

	if (!s)
		return NULL;
	s->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	s->passed_on = NOBODY;
	s->map = mmap(NULL, slots * s->page_bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->map == MAP_FAILED ||
	    madvise(s->map, slots * s->page_bytes, MADV_DONTFORK) < 0)
		return NULL;
	return s;
}

static struct statement *
at(const struct statements *s, size_t slot)
{
	return (struct statement *)(void *)(s->map + slot * s->page_bytes);
}

static int
pass_on(struct statements *s, size_t slot)
{
	if (s->passed_on == slot)
		return 0;
	if (s->passed_on != NOBODY &&
	    madvise(at(s, s->passed_on), s->page_bytes, MADV_DONTFORK) < 0)
		return -1;
	s->passed_on = NOBODY;
	if (madvise(at(s, slot), s->page_bytes, MADV_DOFORK) < 0)
		return -1;
	s->passed_on = slot;
	return 0;
}

struct statement *
statements_begin(struct statements *s, size_t slot)
{
	if (pass_on(s, slot) < 0)
		return NULL;
	at(s, slot)->is_made = 0;
	return at(s, slot);
}

void
statement_make(struct statement *s, const struct route *route,
    const struct connection_facts *facts, struct address_key key)
{
	s->handler = route->handlers[0].index;
	s->facts = *facts;
	s->key = key;
	s->is_made = 1;
	munmap(s, (size_t)sysconf(_SC_PAGESIZE));
}

bool
statements_read(const struct statements *s, size_t slot, struct statement *copy)
{
	*copy = *at(s, slot);
	return copy->is_made == 1 &&
	    copy->facts.client.length <= sizeof(copy->facts.client.storage) &&
	    copy->facts.server.length <= sizeof(copy->facts.server.storage);
}
