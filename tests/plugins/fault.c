/*
 * Plugins that are wrong, each in one way: a macro changes a member of the
 * descriptor, or names what open does. tests/plugins/local.mk lists them.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifndef MAGIC
#define MAGIC PRONG_MAGIC
#endif
#ifndef MAJOR
#define MAJOR PRONG_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR PRONG_ABI_MINOR
#endif
#ifndef SIZE
#define SIZE sizeof(struct prong_handler)
#endif
#ifndef OPTIONS
#define OPTIONS NULL
#endif
#ifndef OPEN
#define OPEN NULL
#endif
#ifndef HANDLE
#define HANDLE answer
#endif
#ifndef METHODS
#define METHODS 0
#endif
#ifndef NEEDS
#define NEEDS 0
#endif
#ifndef PROMISES
#define PROMISES 0
#endif
#ifdef SYMBOL
extern PRONG_EXPORT const struct prong_handler SYMBOL;
#else
#define SYMBOL prong_handler
#endif

struct config {
	int64_t number;
};

PRONG_UNUSED static int
answer(struct prong_request *r, const void *config)
{
	(void)config;
	prong_print(r, "a faulty plugin answers\n");
	return PRONG_DONE;
}

#ifdef CRASH_WHEN_LOADED
__attribute__((__constructor__)) static void
construct(void)
{
	abort();
}
#endif

PRONG_UNUSED static int
crash(struct prong_opening *o, void *config)
{
	(void)o;
	(void)config;
	return raise(SIGSEGV);
}

PRONG_UNUSED static int
leave(struct prong_opening *o, void *config)
{
	(void)o;
	(void)config;
	_exit(7);
	return 0;
}

/* With a process of its own, which must not outlive the check. */
PRONG_UNUSED static int
stay(struct prong_opening *o, void *config)
{
	(void)o;
	(void)config;
	if (fork() < 0)
		return -1;
	for (;;)
		pause();
	return 0;
}

/* Some time, of which many handlers need much. */
PRONG_UNUSED static int
rest(struct prong_opening *o, void *config)
{
	const struct timespec nap = { .tv_nsec = 50000000 };

	(void)o;
	(void)config;
	return nanosleep(&nap, NULL);
}

/* As long as there is a file of the name that the environment has. */
PRONG_UNUSED static int
linger(struct prong_opening *o, void *config)
{
	const struct timespec nap = { .tv_nsec = 5000000 };
	const char *path = getenv("PRONG_TEST_LINGER");

	(void)o;
	(void)config;
	while (path && access(path, F_OK) == 0)
		nanosleep(&nap, NULL);
	return 0;
}

#ifdef CALL_NOBODY
int nobody_has_this(void);

static int
call(struct prong_opening *o, void *config)
{
	(void)o;
	(void)config;
	return nobody_has_this();
}
#endif

/* Without PRONG_END: what follows is no option. */
PRONG_UNUSED static const struct {
	struct prong_option option;
	const char *other[16];
} endless_options = { PRONG_INT(struct config, number, 0, 0, 9, "the last"),
	{ (const char *)8, (const char *)8, (const char *)8 } };

#define WRONG(name, type, offset, size) \
	{ \
		name, type, 0, offset, size, NULL, "", NULL, 0, NULL, 0, 0, 9 \
	}

PRONG_UNUSED static const struct prong_option wrong_options[] = {
	PRONG_INT(struct config, number, 0, 0, 9, "a good one"),
	WRONG("beyond", PRONG_TYPE_INT, sizeof(struct config), 8),
	WRONG("wrapped", PRONG_TYPE_INT, UINT64_MAX - 7, 8),
	WRONG("small", PRONG_TYPE_STRING, 0, 4),
	WRONG("unknown", 99, 0, 8),
	WRONG("number", PRONG_TYPE_INT, 0, 8),
	WRONG("Case", PRONG_TYPE_INT, 0, 8),
	WRONG("odd", PRONG_TYPE_BOOL, 1, 4),
	{ "flagged", PRONG_TYPE_INT, 1u << 30 | PRONG_READ, 0, 8, NULL, "",
	    NULL, 0, NULL, 0, 0, 9 },
	{ "high", PRONG_TYPE_INT, 0, 0, 8, NULL, "", NULL, 0, NULL, 10, 0, 9 },
	{ "low", PRONG_TYPE_INT, 0, 0, 8, NULL, "", NULL, 0, NULL, 0, 1, 9 },
	{ "long", PRONG_TYPE_TIME, 0, 0, 8, "10 s", "", NULL, 0, NULL, 0, 1,
	    9 },
	{ "reversed", PRONG_TYPE_SIZE, 0, 0, 8, NULL, "", NULL, 0, NULL, 0, 9,
	    1 },
	WRONG("memberless", PRONG_TYPE_GROUPS, 0, 16),
	PRONG_END,
};

const struct prong_handler SYMBOL = { .magic = MAGIC,
	.abi_major = MAJOR,
	.abi_minor = MINOR,
	.size = SIZE,
	.option_size = sizeof(struct prong_option),
	.name = NAME,
	.summary = "is wrong",
	.options = OPTIONS,
	.config_size = sizeof(struct config),
	.methods = METHODS,
	.needs = NEEDS,
	.open = OPEN,
	.handle = HANDLE,
	.promises = PROMISES };
