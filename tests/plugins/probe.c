/*
 * A handler with an option of every type, which tells at its opening what it
 * was given.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <inttypes.h>
#include <stdbool.h>
#include <unistd.h>

struct rule {
	const char *says;
	int64_t status;
};

struct inner {
	int32_t deep;
	struct rule rule;
};

struct probe {
	const char *word;
	int32_t sure, colour, key;
	int64_t number, bytes, ms, count;
	const char *folder, *file;
	struct prong_strings words, files;
	struct inner inner;
	struct prong_groups rules;
};

static const struct prong_option rule_options[] = {
	PRONG_STRING_REQUIRED(struct rule, says, "what the rule is for"),
	PRONG_INT(struct rule, status, 200, 200, 599, "what is answered"),
	PRONG_END,
};

static const struct prong_option inner_options[] = {
	PRONG_BOOL(struct inner, deep, 0, "whether it is deep"),
	PRONG_GROUP(struct inner, rule, struct rule, rule_options, "a rule"),
	PRONG_END,
};

static const char *const colours[] = { "red", "green", "blue", NULL };

static const struct prong_option options[] = {
	PRONG_STRING(struct probe, word, "none", "any word"),
	PRONG_BOOL(struct probe, sure, 1, "true or false"),
	PRONG_CHOICE(struct probe, colour, colours, "green", "a colour"),
	PRONG_SECRET(struct probe, key, 0, "a file that only root can read"),
	PRONG_INT(struct probe, number, 7, -10, 10, "a number"),
	PRONG_SIZE(struct probe, bytes, "1 KiB", 1, 1 << 20, "a size"),
	PRONG_TIME(struct probe, ms, "2 s", 1, 60000, "a time"),
	PRONG_INT(struct probe, count, 0, 0, 0, "a number without bounds"),
	PRONG_PATH(struct probe, folder, PRONG_READ | PRONG_FOLDER, NULL,
	    "a folder"),
	PRONG_PATH(struct probe, file, PRONG_READ | PRONG_MAY_BE_ABSENT, NULL,
	    "a file that may be absent"),
	PRONG_STRINGS(struct probe, words, "words"),
	PRONG_PATHS(struct probe, files, PRONG_READ, "files"),
	PRONG_GROUP(struct probe, inner, struct inner, inner_options,
	    "a group in the group"),
	PRONG_GROUPS(struct probe, rules, struct rule, rule_options, "rules"),
	PRONG_END,
};

static void
tell_lists(struct prong_opening *o, const struct probe *p)
{
	const struct rule *rules = p->rules.items;
	uint64_t i;

	for (i = 0; i < p->words.count; i++)
		prong_open_log(o, PRONG_LOG_INFO, "words[%" PRIu64 "]=%s", i,
		    p->words.items[i]);
	for (i = 0; i < p->files.count; i++)
		prong_open_log(o, PRONG_LOG_INFO, "files[%" PRIu64 "]=%s", i,
		    p->files.items[i]);
	for (i = 0; i < p->rules.count; i++)
		prong_open_log(o, PRONG_LOG_INFO,
		    "rules[%" PRIu64 "]=%s:%" PRId64, i, rules[i].says,
		    rules[i].status);
}

/* Whether any of its code has run as root. */
static bool ran_as_root;

__attribute__((__constructor__)) static void
begin(void)
{
	ran_as_root = geteuid() == 0;
}

static int
probe_open(struct prong_opening *o, void *config)
{
	const struct probe *p = config;
	char key[64] = "";
	int *shared;

	if (p->key >= 0 && read(p->key, key, sizeof(key) - 1) < 0) {
		prong_open_error(o, "key", "cannot be read");
		return -1;
	}
	shared = prong_open_shared(o, sizeof(*shared));
	if (!shared || *shared != 0 || !prong_open_alloc(o, 10))
		return -1;
	prong_open_log(o, PRONG_LOG_INFO,
	    "word=%s sure=%d colour=%d key=%s "
	    "number=%" PRId64 " bytes=%" PRId64 " ms=%" PRId64 " count=%" PRId64
	    " folder=%s file=%s deep=%d rule=%s:%" PRId64 " test=%d "
	    "route=%s root=%d",
	    p->word, p->sure, p->colour, key, p->number, p->bytes, p->ms,
	    p->count, p->folder ? p->folder : "-", p->file ? p->file : "-",
	    p->inner.deep, p->inner.rule.says ? p->inner.rule.says : "-",
	    p->inner.rule.status, prong_is_test(o), prong_opening_route(o),
	    ran_as_root || geteuid() == 0);
	tell_lists(o, p);
	if (strcmp(p->word, "fail") == 0) {
		prong_open_error(o, "word", "must not be \"%s\"", p->word);
		prong_open_error(o, "rules.[1].status", "is not liked");
		prong_open_error(o, "bytes", "is not set");
		return -1;
	}
	return strcmp(p->word, "silent") == 0 ? -1 : 0;
}

static int
probe_handle(struct prong_request *r, const void *config)
{
	const struct probe *p = config;

	prong_field(r, "Content-Type", "text/plain; charset=utf-8");
	prong_printf(r, "%s\n", p->word);
	return PRONG_DONE;
}

PRONG_HANDLER(.name = "probe", .summary = "tells what it was given",
    .options = options, .config_size = sizeof(struct probe), .open = probe_open,
    .handle = probe_handle);
