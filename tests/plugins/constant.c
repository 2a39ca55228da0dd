/*
 * A handler that answers 1 KiB from memory, as the bare loops do: what a request
 * costs without a file. For the yardsticks.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#define BYTES 1024

static char content[BYTES];

static int
constant_open(struct prong_opening *opening, void *config)
{
	(void)opening;
	(void)config;
	memset(content, 'x', sizeof(content));
	return 0;
}

static int
constant(struct prong_request *request, const void *config)
{
	(void)config;
	prong_write(request, content, sizeof(content));
	return PRONG_DONE;
}

PRONG_HANDLER(.name = "constant", .summary = "answers 1 KiB",
    .open = constant_open, .handle = constant,
    .promises = PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS);
