/*
 * Looks at the scoreboard of a generation from outside, as prong(1) does. All is
 * checked on which the other functions rely: sizes, seals, and the release. What the
 * memory says is not believed further than a handler's process believes it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "base/ledgers.h"
#include "base/scoreboard_layout.h"

/* More than any generation can have. */
#define SLOTS_MAX 1000000

static struct scoreboard looked_at;
static size_t annals_bytes;

static bool
is_of_this_release(const struct header *h)
{
	return h->version == SCOREBOARD_VERSION && h->slots > 0 &&
	    h->slots <= SLOTS_MAX && h->workers <= h->slots &&
	    h->ledgers.connections <= SLOTS_MAX &&
	    h->ledgers.workers <= h->workers;
}

static bool
look_at_scoreboard(struct scoreboard *s, int fd, struct header *header)
{
	size_t bytes;

	s->memory.shown = shared_memory_look(fd, sizeof(*header), &bytes);
	if (!s->memory.shown)
		return false;
	s->memory.shown_bytes = bytes;
	*header = *(const struct header *)(const void *)s->memory.shown;
	if (!is_of_this_release(header))
		return false;
	s->slots = header->slots;
	s->stride = scoreboard_stride();
	return bytes >= scoreboard_bytes(s);
}

static void
look_at_ledgers(struct scoreboard *s, int fd, const struct header *h)
{
	const struct ledgers_size size = h->ledgers;

	if (h->workers > 0 && size.workers + size.others == h->workers &&
	    h->accepting <= h->workers - size.others &&
	    ledgers_look(fd, &size)) {
		s->workers = h->workers;
		s->accepting = h->accepting;
		s->members = size.others;
	}
}

/* Without them the counts are those of this generation. */
static void
look_at_annals(struct scoreboard *s, int fd)
{
	s->shown = (const struct annals *)shared_memory_look(fd,
	    sizeof(struct annals), &annals_bytes);
	if (s->shown && s->shown->version != ANNALS_VERSION) {
		munmap((void *)(uintptr_t)s->shown, annals_bytes);
		s->shown = NULL;
	}
}

bool
scoreboard_look(int scoreboard, int ledgers, int annals)
{
	struct header header;

	scoreboard_look_away();
	looked_at.memory.writable = looked_at.memory.readable = -1;
	if (!look_at_scoreboard(&looked_at, scoreboard, &header)) {
		scoreboard_look_away();
		return false;
	}
	look_at_ledgers(&looked_at, ledgers, &header);
	look_at_annals(&looked_at, annals);
	scoreboard_current = &looked_at;
	return true;
}

void
scoreboard_look_away(void)
{
	ledgers_look_away();
	if (looked_at.shown)
		munmap((void *)(uintptr_t)looked_at.shown, annals_bytes);
	if (looked_at.memory.shown)
		munmap((void *)(uintptr_t)looked_at.memory.shown,
		    looked_at.memory.shown_bytes);
	looked_at = (struct scoreboard){ 0 };
	scoreboard_current = NULL;
}
