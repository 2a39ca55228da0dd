/*
 * Typed options. option_check.c checks the table before it is used.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/option.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <prong/handler.h>

#include "base/arena.h"
#include "base/quantity.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "config/setting.h"
#include "config/site.h"
#include "plugin/secrets.h"

struct filler {
	struct arena *arena;
	struct secrets *secrets;
	struct report *report;
	size_t stride;
	const char **missing; /* where a missing folder is noted; NULL: that
				 is an error */
	const char *where;    /* that has no answer then, for messages */
};

static void fill_group(struct filler *f, const config_setting_t *line,
    const config_setting_t *group, const struct prong_option *options,
    char *config);

static const struct prong_option *
next_option(const struct prong_option *option, size_t stride)
{
	return (const void *)((const char *)option + stride);
}

static void *
allocate(struct filler *f, const config_setting_t *line, size_t count,
    size_t size)
{
	void *memory = NULL;

	if (size == 0 || count <= SIZE_MAX / size)
		memory = arena_alloc(f->arena, count * size);
	if (!memory)
		report_error(f->report, line, "out of memory");
	return memory;
}

/* The place of an option in the configuration, also when it is not set. */
struct place {
	const config_setting_t *group;
	const config_setting_t *setting; /* NULL: not set */
	const struct prong_option *option;
};

static const config_setting_t *
line_of(const struct place *place)
{
	return place->setting ? place->setting : place->group;
}

/* "static.root" */
static const char *
name_of(const struct place *place, char name[SETTING_NAME_BYTES])
{
	size_t n;

	if (place->setting)
		return setting_name(place->setting, name);
	setting_name(place->group, name);
	n = strlen(name);
	snprintf(name + n, SETTING_NAME_BYTES - n, ".%s", place->option->name);
	return name;
}

/*
 * Finds mistyped paths. Whether the file can be read is left to the handler's
 * function open.
 */
static void
check_path(struct filler *f, const struct place *place, const char *path)
{
	bool folder = (place->option->flags & PRONG_FOLDER) != 0;
	char name[SETTING_NAME_BYTES];
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT &&
		    (place->option->flags & PRONG_MAY_BE_ABSENT))
			return;
		if (errno == ENOENT && folder && f->missing) {
			*f->missing = path;
			return;
		}
		report_error(f->report, line_of(place),
		    "%s: found \"%s\", "
		    "which cannot be reached: %s; possible: a %s that the "
		    "server's user can reach%s%s",
		    name_of(place, name), path, strerror(errno),
		    folder ? "folder" : "file",
		    f->where ? "; without it there is no answer at " : "",
		    f->where ? f->where : "");
	} else if (folder && !S_ISDIR(st.st_mode)) {
		report_error(f->report, line_of(place),
		    "%s: found \"%s\", "
		    "which is no folder; possible: a folder",
		    name_of(place, name), path);
	}
}

static void
fill_path(struct filler *f, const struct place *place, const char **member)
{
	*member = place->option->default_text;
	if (place->setting)
		*member = setting_path(place->setting, f->report);
	if (*member)
		check_path(f, place, *member);
}

static void
fill_string(struct filler *f, const struct place *place, const char **member)
{
	*member = place->option->default_text;
	if (place->setting)
		*member = setting_string(place->setting, f->report);
}

static void
fill_bool(struct filler *f, const struct place *place, int32_t *member)
{
	bool value = place->option->default_number != 0;

	if (place->setting)
		setting_bool(place->setting, &value, f->report);
	*member = value;
}

/* Fills integers, sizes and times. */
static void
fill_number(struct filler *f, const struct place *place, int64_t *member)
{
	const struct prong_option *o = place->option;
	const char *why;

	*member = o->default_number;
	if (o->type == PRONG_TYPE_INT) {
		if (place->setting)
			setting_integer(place->setting, o->minimum, o->maximum,
			    member, f->report);
	} else if (o->type == PRONG_TYPE_SIZE) {
		if (place->setting)
			setting_size(place->setting, o->minimum, o->maximum,
			    member, f->report);
		else if (o->default_text)
			quantity_parse_size(o->default_text, member, &why);
	} else {
		if (place->setting)
			setting_time(place->setting, o->minimum, o->maximum,
			    member, f->report);
		else if (o->default_text)
			quantity_parse_time(o->default_text, member, &why);
	}
}

static void
fill_choice(struct filler *f, const struct place *place, int32_t *member)
{
	const char *const *choices = place->option->choices;
	const char *text = place->option->default_text;
	size_t count = 0, choice;

	*member = -1;
	for (; choices[count]; count++)
		if (text && strcmp(choices[count], text) == 0)
			*member = (int32_t)count;
	if (place->setting &&
	    setting_choice(place->setting, choices, count, &choice,
		f->report) == 0)
		*member = (int32_t)choice;
}

static void
fill_secret(struct filler *f, const struct place *place, int32_t *member)
{
	const char *path;

	*member = -1;
	if (!place->setting)
		return;
	path = setting_path(place->setting, f->report);
	if (path)
		*member = secrets_open(f->secrets, path, place->setting,
		    f->report);
}

/* Fills lists of strings and of paths. */
static void
fill_strings(struct filler *f, const struct place *place,
    struct prong_strings *member)
{
	struct place element = *place;
	const char **items;
	long i, count = 0;

	if (place->setting)
		count = setting_check_strings(place->setting, f->report);
	if (count <= 0)
		return;
	items = allocate(f, place->setting, (size_t)count, sizeof(*items));
	if (!items)
		return;
	for (i = 0; i < count; i++) {
		element.setting = setting_string_at(place->setting, i);
		if (place->option->type == PRONG_TYPE_PATHS)
			fill_path(f, &element, &items[i]);
		else
			items[i] = config_setting_get_string(element.setting);
	}
	member->items = items;
	member->count = (uint64_t)count;
}

static void
fill_member_group(struct filler *f, const struct place *place, char *member)
{
	const config_setting_t *setting = place->setting;

	if (setting && !config_setting_is_group(setting)) {
		setting_wrong(setting, f->report, "a group { }");
		return;
	}
	fill_group(f, setting ? setting : place->group, setting,
	    place->option->members, member);
}

static void
fill_groups(struct filler *f, const struct place *place,
    struct prong_groups *member)
{
	const config_setting_t *list = place->setting, *element;
	uint64_t size = place->option->group_size;
	unsigned i, count;
	char *items;

	if (!list)
		return;
	if (!config_setting_is_list(list)) {
		setting_wrong(list, f->report,
		    "a list of groups, as in "
		    "( { ... }, { ... } )");
		return;
	}
	count = (unsigned)config_setting_length(list);
	items = allocate(f, list, count, size);
	if (!items)
		return;
	for (i = 0; i < count; i++) {
		element = config_setting_get_elem(list, i);
		if (config_setting_is_group(element))
			fill_group(f, element, element, place->option->members,
			    items + i * size);
		else
			setting_wrong(element, f->report, "a group { }");
	}
	member->items = items;
	member->count = count;
}

static void
fill_option(struct filler *f, const struct place *place, char *config)
{
	/* option_check has checked offset, size and alignment. */
	void *member = config + place->option->offset;

	switch (place->option->type) {
	case PRONG_TYPE_STRING:
		fill_string(f, place, member);
		break;
	case PRONG_TYPE_BOOL:
		fill_bool(f, place, member);
		break;
	case PRONG_TYPE_INT:
	case PRONG_TYPE_SIZE:
	case PRONG_TYPE_TIME:
		fill_number(f, place, member);
		break;
	case PRONG_TYPE_CHOICE:
		fill_choice(f, place, member);
		break;
	case PRONG_TYPE_PATH:
		fill_path(f, place, member);
		break;
	case PRONG_TYPE_SECRET:
		fill_secret(f, place, member);
		break;
	case PRONG_TYPE_STRINGS:
	case PRONG_TYPE_PATHS:
		fill_strings(f, place, member);
		break;
	case PRONG_TYPE_GROUP:
		fill_member_group(f, place, member);
		break;
	case PRONG_TYPE_GROUPS:
		fill_groups(f, place, member);
		break;
	default:
		assert(!"a type that the check lets pass");
	}
}

/* Reports settings in the group that are no options. */
static void
check_known(struct filler *f, const config_setting_t *group,
    const struct prong_option *options)
{
	const char *names[OPTIONS_MAX];
	const struct prong_option *o;
	size_t count = 0, i;
	int at;

	for (o = options; o && o->name; o = next_option(o, f->stride))
		names[count++] = o->name;
	for (at = 0; at < config_setting_length(group); at++) {
		const config_setting_t *s;

		s = config_setting_get_elem(group, (unsigned)at);
		for (i = 0; i < count; i++)
			if (strcmp(names[i], config_setting_name(s)) == 0)
				break;
		if (i == count)
			setting_unknown(s, f->report, names, count, NULL);
	}
}

/*
 * group is NULL for a group of options that is not set: its members get their
 * defaults, and its required options are not reported as missing.
 */
static void
fill_group(struct filler *f, const config_setting_t *line,
    const config_setting_t *group, const struct prong_option *options,
    char *config)
{
	char name[SETTING_NAME_BYTES];
	struct place place = { .group = line };
	const struct prong_option *o;

	if (group)
		check_known(f, group, options);
	for (o = options; o && o->name; o = next_option(o, f->stride)) {
		place.option = o;
		place.setting = !group ?
		    NULL :
		    config_setting_get_member(group, o->name);
		if (!place.setting && group && (o->flags & PRONG_REQUIRED))
			report_error(f->report, line,
			    "%s: found nothing; "
			    "possible: this option must be set: %s",
			    name_of(&place, name), o->help ? o->help : "");
		fill_option(f, &place, config);
	}
}

int
option_fill(const config_setting_t *group, const struct option_table *table,
    void *config, struct arena *arena, struct secrets *secrets,
    struct report *report)
{
	struct filler f = { arena, secrets, report, table->stride, NULL, NULL };
	unsigned before = report->errors;

	fill_group(&f, group, group, table->options, config);
	return report->errors == before ? 0 : -1;
}

/* With a folder that is missing a server may start, and be replaced; -t and a
 * reload fail, since somebody is there to mend it. */
static struct filler
filler_of(struct configuration *c, struct handler *handler,
    struct secrets *secrets, struct report *report)
{
	const bool waits = c->must_serve &&
	    c->missing_root == MISSING_ROOT_WAIT;

	return (struct filler){ &c->arena, secrets, report,
		(size_t)handler->plugin->option_size,
		waits ? &handler->missing : NULL, NULL };
}

static void
fill_handler(struct configuration *c, struct handler *handler,
    struct secrets *secrets, struct report *report)
{
	const struct prong_handler *plugin = handler->plugin;
	struct filler f = filler_of(c, handler, secrets, report);
	char where[SITE_PLACE_BYTES];
	struct option_table table = { plugin->options,
		(size_t)plugin->option_size, plugin->config_size };

	report_step(report, handler, STEP_OPTIONS);
	if (option_check(&table, plugin->name, handler->group, report) < 0)
		return;
	handler->config = arena_alloc(&c->arena, (size_t)table.config_size);
	if (!handler->config)
		report_error(report, handler->group, "out of memory");
	f.where = site_place(handler->route, where);
	if (handler->config)
		fill_group(&f, handler->group, handler->group, table.options,
		    handler->config);
}

int
option_fill_all(struct configuration *c, struct secrets *secrets,
    struct report *report)
{
	static struct secrets none = { .is_withheld = true };
	unsigned before = report->errors;
	struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		if (handler->plugin)
			fill_handler(c, handler,
			    secrets && secrets->skips_fresh &&
				    handler->route->is_fresh ?
				&none :
				secrets,
			    report);
	return report->errors == before ? 0 : -1;
}
