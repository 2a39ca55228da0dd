/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_descriptor.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <prong/handler.h>

#include "config/handler.h"
#include "config/report.h"

#define STATE_MAX_BYTES ((uint64_t)64 << 20)

#define METHODS \
	(PRONG_GET | PRONG_POST | PRONG_PUT | PRONG_DELETE | PRONG_PATCH | \
	    PRONG_OPTIONS | PRONG_GATE | PRONG_ANY_METHOD)
#define NEEDS \
	(PRONG_NEEDS_NETWORK | PRONG_NEEDS_PROCESSES | PRONG_NEEDS_THREADS | \
	    PRONG_NEEDS_EXECUTABLE_MEMORY)
#define PROMISES (PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS)

struct descriptor {
	const struct prong_handler *d;
	const char *path;
	const struct handler *handler;
	struct report *report;
};

static bool
has_magic(const struct descriptor *c)
{
	if (c->d->magic == PRONG_MAGIC)
		return true;
	report_error(c->report, c->handler->group,
	    "%s: found the magic number %#" PRIx64
	    " in prong_handler of %s; possible: %#" PRIx64
	    ", by PRONG_HANDLER of <prong/handler.h>",
	    c->handler->name, c->d->magic, c->path, PRONG_MAGIC);
	return false;
}

static bool
has_abi(const struct descriptor *c)
{
	const struct prong_handler *d = c->d;

	if (d->abi_major == PRONG_ABI_MAJOR && d->abi_minor <= PRONG_ABI_MINOR)
		return true;
	report_error(c->report, c->handler->group,
	    "%s: found ABI %" PRIu32 ".%" PRIu32
	    " in %s; possible: %u.0 to %u.%u, so build it with this prongd's "
	    "<prong/handler.h>",
	    c->handler->name, d->abi_major, d->abi_minor, c->path,
	    PRONG_ABI_MAJOR, PRONG_ABI_MAJOR, PRONG_ABI_MINOR);
	return false;
}

/* The size of the structure in that minor. */
static size_t
size_in(uint32_t abi_minor)
{
	return abi_minor == 0 ? offsetof(struct prong_handler, promises) :
				sizeof(struct prong_handler);
}

static bool
has_sizes(const struct descriptor *c)
{
	const struct prong_handler *d = c->d;

	if (d->size == size_in(d->abi_minor) &&
	    d->option_size == sizeof(struct prong_option))
		return true;
	report_error(c->report, c->handler->group,
	    "%s: found sizes of %" PRIu64 " and %" PRIu64
	    " bytes for prong_handler and its options in %s; possible: %zu and "
	    "%zu",
	    c->handler->name, d->size, d->option_size, c->path,
	    size_in(d->abi_minor), sizeof(struct prong_option));
	return false;
}

static bool
has_name(const struct descriptor *c)
{
	const char *name = c->d->name ? c->d->name : "";

	if (strcmp(name, c->handler->name) == 0)
		return true;
	report_error(c->report, c->handler->group,
	    "%s: found the handler \"%.63s\" in %s; possible: \"%s\", the "
	    "file's name",
	    c->handler->name, name, c->path, c->handler->name);
	return false;
}

static bool
can_handle(const struct descriptor *c)
{
	const char *what;

	if (!c->d->handle)
		what = "has no function handle";
	else if (c->d->state_size > STATE_MAX_BYTES)
		what = "has a state_size above 64 MiB";
	else
		return true;
	report_error(c->report, c->handler->group,
	    "%s: found a handler that %s in %s; possible: a corrected plugin",
	    c->handler->name, what, c->path);
	return false;
}

static bool
knows_bits(const struct descriptor *c, const char *member, uint64_t found,
    uint64_t known, const char *possible)
{
	if ((found & ~known) == 0)
		return true;
	report_error(c->report, c->handler->group,
	    "%s: found the bits %#" PRIx64
	    " in .%s of prong_handler in %s, which this prongd does not know; "
	    "possible: %s of <prong/handler.h>",
	    c->handler->name, found & ~known, member, c->path, possible);
	return false;
}

/* A bit that nobody reads today has a meaning in a later release. */
static bool
has_known_bits(const struct descriptor *c)
{
	bool methods = knows_bits(c, "methods", c->d->methods, METHODS,
		 "PRONG_GET to PRONG_OPTIONS, PRONG_GATE and "
		 "PRONG_ANY_METHOD"),
	     needs = knows_bits(c, "needs", c->d->needs, NEEDS,
		 "PRONG_NEEDS_NETWORK, PRONG_NEEDS_PROCESSES, "
		 "PRONG_NEEDS_THREADS and PRONG_NEEDS_EXECUTABLE_MEMORY"),
	     promises = knows_bits(c, "promises", handler_promises(c->d),
		 PROMISES, "PRONG_SHARES_PROCESS and PRONG_REUSES_PROCESS");

	return methods && needs && promises;
}

bool
plugin_descriptor_check(const struct prong_handler *d, const char *path,
    const struct handler *handler, struct report *report)
{
	const struct descriptor c = { d, path, handler, report };

	return has_magic(&c) && has_abi(&c) && has_sizes(&c) && has_name(&c) &&
	    can_handle(&c) && has_known_bits(&c);
}
