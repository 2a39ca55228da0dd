/*
 * A handler that promises that its process can be used again. The path below its
 * route says what it does: .../pid, .../count (of its state: requests of this
 * process), .../body (tells the process once the body has come), .../crash, .../exit,
 * .../wait (until the file of the option gate is there), .../loop, .../retire,
 * .../work (for 60 ms of processor time). child
 * fails as long as the file of the option fault is there.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct config {
	const char *folder;
};

struct state {
	uint64_t count, children;
};

static bool
ends_in(struct prong_request *r, const char *word)
{
	const char *path = prong_path(r), *slash = strrchr(path, '/');

	return slash && strcmp(slash + 1, word) == 0;
}

static bool
is_there(const struct config *config, const char *name)
{
	char path[4096] = "";

	if (!config->folder ||
	    strlen(config->folder) + strlen(name) + 2 > sizeof(path))
		return false;
	strcat(strcat(strcpy(path, config->folder), "/"), name);
	return access(path, R_OK) == 0;
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

/* Blocks, as a handler may that has its process for itself. */
static void
wait_for(const struct config *config, const char *name)
{
	const struct timespec moment = { 0, 2000000 };

	while (!is_there(config, name))
		nanosleep(&moment, NULL);
}

static void
work(void)
{
	const clock_t until = clock() + CLOCKS_PER_SEC * 60 / 1000;

	while (clock() < until)
		continue;
}

static int
begin(struct prong_child *child, const void *context)
{
	struct state *state = prong_child_state(child);

	state->children++;
	return is_there(context, "fault") ? -1 : 0;
}

static int
handle(struct prong_request *r, const void *context)
{
	struct state *state = prong_state(r);
	volatile int going = 1;

	state->count++;
	if (ends_in(r, "crash"))
		raise(SIGSEGV);
	if (ends_in(r, "exit"))
		exit(7);
	while (ends_in(r, "loop") && going)
		continue;
	if (ends_in(r, "work"))
		work();
	if (ends_in(r, "wait"))
		wait_for(context, "gate");
	if (ends_in(r, "body") && read_body(r) != 0)
		return PRONG_DONE;
	if (ends_in(r, "retire"))
		prong_retire(r);
	if (ends_in(r, "count"))
		prong_printf(r, "%" PRIu64 " of %" PRIu64, state->count,
		    state->children);
	else
		prong_printf(r, "%ld", (long)getpid());
	return PRONG_DONE;
}

static const struct prong_option options[] = {
	PRONG_PATH(struct config, folder, PRONG_FOLDER | PRONG_READ, NULL,
	    "where gate and fault may be"),
	PRONG_END
};

PRONG_HANDLER(.name = "reuse",
    .summary = "promises that its process can be used again",
    .options = options, .config_size = sizeof(struct config),
    .state_size = sizeof(struct state), .methods = PRONG_GET | PRONG_POST,
    .promises = PRONG_REUSES_PROCESS, .child = begin, .handle = handle);
