/*
 * A handler that keeps its option and its secret in memory, and tells where its
 * memory lies: see fresh.t. Its open leaves a descriptor behind, which survives
 * an exec. A word that begins with "fail" is not liked where it is not a test, and
 * "endless" never ends there.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef NAME
#define NAME "layout"
#endif
#ifndef NEEDS
#define NEEDS 0
#endif

struct layout {
	const char *word;
	int32_t key;
	const char *spoiled;
	char *kept; /* by open */
};

static const struct prong_option options[] = {
	PRONG_STRING(struct layout, word, "none", "what to keep"),
	PRONG_SECRET(struct layout, key, 0, "what to keep, too"),
	PRONG_STRING(struct layout, spoiled, NULL,
	    "a file that cannot be executed any more"),
	PRONG_END,
};

static int opened; /* calls of open in this address space */

static int
layout_open(struct prong_opening *o, void *config)
{
	struct layout *l = config;
	char key[256] = "";

	opened++;
	if (l->key >= 0 && read(l->key, key, sizeof(key) - 1) < 0)
		return -1;
	if (l->key >= 0)
		close(l->key);
	if (!prong_is_test(o) && strncmp(l->word, "fail", 4) == 0) {
		prong_open_error(o, "word", "must not be \"%s\"", l->word);
		return -1;
	}
	if (asprintf(&l->kept, "opened-%s-%s", l->word, key) < 0)
		return -1;
	setenv("LAYOUT_KEPT", l->kept, 1);
	if (!prong_is_test(o) &&
	    dup2(STDIN_FILENO, 200 + (int)strlen(l->word)) < 0)
		return -1;
	if (!prong_is_test(o) && l->spoiled && chmod(l->spoiled, 0644) < 0)
		return -1;
	while (!prong_is_test(o) && strcmp(l->word, "endless") == 0)
		continue;
	fprintf(stderr, "%s was opened\n", l->word);
	return 0;
}

static void
tell(struct prong_request *r, const struct layout *l)
{
	int32_t port = 0;
	int local = 0;
	const char *client = prong_client(r, &port);

	prong_printf(r, "code %p\n", (const void *)options);
	prong_printf(r, "libc %p\n", (const void *)&environ);
	prong_printf(r, "heap %p\n", (const void *)l->kept);
	prong_printf(r, "stack %p\n", (const void *)&local);
	prong_printf(r, "pid %ld\n", (long)getpid());
	prong_printf(r, "opened %d\n", opened);
	prong_printf(r, "word %s\n", l->word);
	prong_printf(r, "client %s:%d\n", client, (int)port);
}

static int
layout_handle(struct prong_request *r, const void *config)
{
	const struct layout *l = config;
	const char *deed = prong_query(r, "do");

	prong_field(r, "Content-Type", "text/plain");
	if (deed && strcmp(deed, "crash") == 0)
		abort();
	while (deed && strcmp(deed, "spin") == 0)
		continue;
	if (deed && strcmp(deed, "log") == 0) {
		prong_log(r, PRONG_LOG_INFO, "a line of %s", l->word);
		fprintf(stderr, "an error of %s\n", l->word);
	}
	tell(r, l);
	return PRONG_DONE;
}

PRONG_HANDLER(.name = NAME, .summary = "tells where its memory lies",
    .options = options, .config_size = sizeof(struct layout),
    .methods = PRONG_GET | PRONG_POST, .needs = NEEDS, .open = layout_open,
    .handle = layout_handle);
