/*
 * A handler that does harm on request: /hostile?do=NAME&with=ARGUMENT. The test
 * hostile.t has a table of what comes of it.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <string.h>

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

static const struct deed *const tables[] = {
	crash_deeds,
	consume_deeds,
	escape_deeds,
	answer_deeds,
	file_deeds,
	log_deeds,
	network_deeds,
	penalty_deeds,
	process_deeds,
	shared_deeds,
	channel_deeds,
	text_deeds,
	argument_deeds,
	memory_deeds,
	time_deeds,
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
	told = deed(r, argument ? argument : "");
	if (told)
		prong_printf(r, "%s\n", told);
	return PRONG_DONE;
}

PRONG_HANDLER(.name = NAME, .summary = "does harm", .options = options,
    .config_size = sizeof(struct config), .methods = PRONG_GET | PRONG_POST,
    .needs = NEEDS, .handle = handle);
