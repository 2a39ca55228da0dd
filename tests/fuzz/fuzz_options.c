/*
 * The group of a handler, read by a table with options of every type. Either
 * the structure is filled with values that the table permits, or an error was
 * reported.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <prong/handler.h>

#include "base/arena.h"
#include "config/report.h"
#include "config/sources.h"
#include "plugin/option.h"
#include "plugin/secrets.h"

/* As in fuzz_configuration.c. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

struct deeper {
	int32_t choice, secret;
	struct prong_strings texts;
};

struct member {
	int64_t number;
	const char *name;
	struct deeper deeper;
};

struct config {
	const char *text, *file, *folder;
	int32_t truth, choice, secret;
	int64_t number, size, time;
	struct prong_strings texts, paths;
	struct member group;
	struct prong_groups groups;
};

static const char *const colours[] = { "red", "green", NULL };

static const struct prong_option deeper_options[] = {
	PRONG_CHOICE(struct deeper, choice, colours, NULL, "a colour"),
	PRONG_SECRET(struct deeper, secret, 0, "a key"),
	PRONG_STRINGS(struct deeper, texts, "texts"),
	PRONG_END,
};

static const struct prong_option member_options[] = {
	PRONG_INT(struct member, number, 5, 0, 9, "a number"),
	PRONG_STRING_REQUIRED(struct member, name, "a name"),
	PRONG_GROUP(struct member, deeper, struct deeper, deeper_options,
	    "a group in a group"),
	PRONG_END,
};

static const struct prong_option options[] = {
	PRONG_STRING(struct config, text, "t", "a text"),
	PRONG_BOOL(struct config, truth, 1, "a truth"),
	PRONG_INT(struct config, number, 3, -9, 999, "a number"),
	PRONG_SIZE(struct config, size, "1 KiB", 0, 1048576, "a size"),
	PRONG_TIME(struct config, time, "1 s", 1, 86400000, "a time"),
	PRONG_CHOICE(struct config, choice, colours, "red", "a colour"),
	PRONG_PATH(struct config, file, PRONG_READ, NULL, "a file"),
	PRONG_PATH(struct config, folder,
	    PRONG_READ | PRONG_FOLDER | PRONG_MAY_BE_ABSENT, NULL, "a folder"),
	PRONG_SECRET(struct config, secret, 0, "a key"),
	PRONG_STRINGS(struct config, texts, "texts"),
	PRONG_PATHS(struct config, paths, PRONG_READ, "paths"),
	PRONG_GROUP(struct config, group, struct member, member_options,
	    "a group"),
	PRONG_GROUPS(struct config, groups, struct member, member_options,
	    "groups"),
	PRONG_END,
};

static const struct option_table table = { options, sizeof(struct prong_option),
	sizeof(struct config) };

static int
give_secret(void *context, const char *path)
{
	assert(path[0] == '/');
	return strlen(path) > 8 ? -1 : memfd_create(context, MFD_CLOEXEC);
}

static void
check_strings(const struct prong_strings *strings, char first)
{
	assert(strings->count == 0 || strings->items);
	for (uint64_t i = 0; i < strings->count; i++)
		assert(strings->items[i] &&
		    (first == '\0' || strings->items[i][0] == first));
}

static void
check_member(const struct member *member)
{
	assert(member->number >= 0 && member->number <= 9);
	assert(member->deeper.choice >= -1 && member->deeper.choice <= 1);
	check_strings(&member->deeper.texts, '\0');
}

static void
check(const struct config *config)
{
	const struct member *members = config->groups.items;

	assert(config->text);
	assert(config->truth == 0 || config->truth == 1);
	assert(config->choice == 0 || config->choice == 1);
	assert(config->number >= -9 && config->number <= 999);
	assert(config->size >= 0 && config->size <= 1048576);
	assert(config->time >= 1 && config->time <= 86400000);
	assert(!config->file || config->file[0] == '/');
	assert(!config->folder || config->folder[0] == '/');
	check_strings(&config->texts, '\0');
	check_strings(&config->paths, '/');
	check_member(&config->group);
	for (uint64_t i = 0; i < config->groups.count; i++) {
		assert(members[i].name);
		check_member(&members[i]);
	}
}

/* A secret is the handler's own. What was not filled is zeroed, so that the
 * standard descriptors are none. */
static void
close_secret(int fd)
{
	if (fd > STDERR_FILENO)
		close(fd);
}

static void
close_secrets(const struct config *config)
{
	const struct member *members = config->groups.items;

	close_secret(config->secret);
	close_secret(config->group.deeper.secret);
	for (uint64_t i = 0; i < config->groups.count; i++)
		close_secret(members[i].deeper.secret);
}

/* The same before and after, unless one was forgotten. */
static int
lowest_descriptor(void)
{
	int lowest = dup(STDERR_FILENO);

	assert(lowest >= 0);
	close(lowest);
	return lowest;
}

static void
fill(const config_setting_t *group, struct report *report)
{
	static max_align_t block[64];
	struct arena arena;
	char name[] = "secret";
	struct secrets secrets = { .ask = give_secret, .context = name };
	struct config *config = fuzz_room(sizeof(*config));
	int result;

	arena_init(&arena, block, sizeof(block));
	memset(config, 0, sizeof(*config));
	assert(option_check(&table, "fuzz", group, report) == 0);
	result = option_fill(group, &table, config, &arena, &secrets, report);
	assert((result < 0) == (report->errors > 0));
	if (result == 0)
		check(config);
	close_secrets(config);
	secrets_free(&secrets);
	arena_reset(&arena);
	free(config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *inner = fuzz_text(data, size), *text = fuzz_room(size + 16);
	struct report report = { 0 };
	struct sources *sources;
	const config_setting_t *group;
	int lowest = lowest_descriptor();

	strcpy(stpcpy(stpcpy(text, "h = { "), inner), " };");
	sources = sources_from_text("fuzz", text, &report);
	assert(sources);
	if (sources_parse(sources, &report) == 0) {
		group = config_lookup(&sources->items[0].tree, "h");
		if (group && config_setting_is_group(group))
			fill(group, &report);
	}
	sources_free(sources);
	assert(lowest_descriptor() == lowest);
	free(inner);
	free(text);
	return 0;
}
