/*
 * A handler that promises to share a process. The path below its route says what it
 * does: .../pid, .../count (of its state), .../body (tells the process once the body
 * has come), .../crash, .../crash-late (when a body has come), .../loop.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static bool
ends_in(struct prong_request *r, const char *word)
{
	const char *path = prong_path(r), *slash = strrchr(path, '/');

	return slash && strcmp(slash + 1, word) == 0;
}

static int
read_body(struct prong_request *r)
{
	char buffer[4096];
	int64_t n;

	while ((n = prong_read(r, buffer, sizeof(buffer))) > 0)
		continue;
	return n < 0 ? -1 : 0;
}

static int
handle(struct prong_request *r, PRONG_UNUSED const void *config)
{
	uint64_t *count = prong_state(r);
	volatile int going = 1;

	if (ends_in(r, "crash"))
		raise(SIGSEGV);
	while (ends_in(r, "loop") && going)
		continue;
	if ((ends_in(r, "body") || ends_in(r, "crash-late")) &&
	    read_body(r) != 0)
		return PRONG_DONE;
	if (ends_in(r, "crash-late"))
		raise(SIGSEGV);
	if (ends_in(r, "count"))
		prong_printf(r, "%" PRIu64, ++*count);
	else
		prong_printf(r, "%ld", (long)getpid());
	return PRONG_DONE;
}

PRONG_HANDLER(.name = "share", .summary = "promises to share a process",
    .state_size = sizeof(uint64_t), .methods = PRONG_GET | PRONG_POST,
    .promises = PRONG_SHARES_PROCESS, .handle = handle);
