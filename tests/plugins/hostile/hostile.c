/*
 * A handler that does harm on request: /hostile?do=NAME&with=ARGUMENT. The test
 * hostile.t has a table of what comes of it.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/scoreboard.h"

/* Declared by the variant that may do more. */
#ifndef NEEDS
#define NEEDS 0
#endif
#ifndef NAME
#define NAME "hostile"
#endif

struct config {
	const char *own;
	int64_t port;
};

static const struct prong_option options[] = {
	PRONG_PATH(struct config, own, PRONG_READ | PRONG_FOLDER, NULL,
	    "a folder that may be read"),
	PRONG_PORT(struct config, port, 0, "where it may connect to"),
	PRONG_END,
};

#define PAGE 4096u

/* Most pages are not; the kernel says so at once. The call is made without libc,
 * whose functions a sanitizer watches. */
bool
is_mapped(const void *address)
{
	unsigned char resident;
	bool result;
	int fds[2];

	if (mincore((void *)((uintptr_t)address & ~(uintptr_t)(PAGE - 1)), PAGE,
		&resident) < 0 ||
	    pipe(fds) < 0)
		return false;
	result = syscall(SYS_write, fds[1], address, 1L) == 1;
	close(fds[0]);
	close(fds[1]);
	return result;
}

static const struct deed *const tables[] = {
	crash_deeds,
	consume_deeds,
	escape_deeds,
	answer_deeds,
	file_deeds,
	group_deeds,
	known_deeds,
	log_deeds,
	network_deeds,
	penalty_deeds,
	process_deeds,
	shared_deeds,
	borrowed_deeds,
	busy_deeds,
	channel_deeds,
	text_deeds,
	argument_deeds,
	attempt_deeds,
	memory_deeds,
	time_deeds,
	watch_deeds,
};

const char *
outcome(long result, const char *achieved)
{
	const char *name = strerrorname_np(errno);

	if (result >= 0)
		return achieved;
	return name ? name : "an unknown error";
}

static deed_function *
find(const char *name)
{
	const struct deed *d;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (d = tables[i]; d->name; d++)
			if (strcmp(d->name, name) == 0)
				return d->function;
	return NULL;
}

/* A process that ends as if it had handed its connection off is taken for one whose
 * handler has ended it, unless it hides that a handler runs. */
static UNCHECKED void
hide(struct prong_request *r)
{
	struct scoreboard_page *page = own_page(r);

	if (page)
		page->handler[0] = '\0';
}

static int
handle(struct prong_request *r, const void *config)
{
	const char *name = prong_query(r, "do");
	const char *argument = prong_query(r, "with");
	deed_function *deed = name ? find(name) : NULL;
	const char *told;

	(void)config;
	if (!deed)
		return 404;
	prong_field(r, "Content-Type", "text/plain");
	if (prong_query(r, "hidden"))
		hide(r);
	told = deed(r, argument ? argument : "");
	if (told)
		prong_printf(r, "%s\n", told);
	return PRONG_DONE;
}

PRONG_HANDLER(.name = NAME, .summary = "does harm", .options = options,
    .config_size = sizeof(struct config), .methods = PRONG_GET | PRONG_POST,
    .needs = NEEDS, .handle = handle);
