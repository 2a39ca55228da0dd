/*
 * Checks a plugin's table of options before use: a wrong table would lead to
 * writes beyond the handler's structure.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/option.h"

#include <inttypes.h>
#include <stdalign.h>
#include <stdbool.h>
#include <string.h>

#include <prong/handler.h>

#include "base/quantity.h"
#include "config/report.h"
#include "config/setting.h"

struct checker {
	const char *plugin;
	const config_setting_t *group;
	struct report *report;
	size_t stride;
};

static void check_table(struct checker *c, const struct prong_option *options,
    uint64_t config_size, unsigned depth);

static void
fault(struct checker *c, const struct prong_option *option, const char *what)
{
	report_error(c->report, c->group,
	    "the handler \"%s\" is built "
	    "wrongly: its option \"%.63s\" %s; possible: a corrected plugin",
	    c->plugin, option->name, what);
}

/* Size and alignment of the member for an option; false for an unknown type. */
static bool
member_of(const struct prong_option *option, uint64_t *size, uint64_t *align)
{
	switch (option->type) {
	case PRONG_TYPE_STRING:
	case PRONG_TYPE_PATH:
		*size = sizeof(const char *);
		*align = alignof(const char *);
		return true;
	case PRONG_TYPE_BOOL:
	case PRONG_TYPE_CHOICE:
	case PRONG_TYPE_SECRET:
		*size = sizeof(int32_t);
		*align = alignof(int32_t);
		return true;
	case PRONG_TYPE_INT:
	case PRONG_TYPE_SIZE:
	case PRONG_TYPE_TIME:
		*size = sizeof(int64_t);
		*align = alignof(int64_t);
		return true;
	case PRONG_TYPE_STRINGS:
	case PRONG_TYPE_PATHS:
		*size = sizeof(struct prong_strings);
		*align = alignof(struct prong_strings);
		return true;
	case PRONG_TYPE_GROUPS:
		*size = sizeof(struct prong_groups);
		*align = alignof(struct prong_groups);
		return true;
	case PRONG_TYPE_GROUP:
		*size = option->group_size;
		*align = 1;
		return true;
	default:
		return false;
	}
}

static void
check_member(struct checker *c, const struct prong_option *o,
    uint64_t config_size)
{
	uint64_t size, align;

	if (!member_of(o, &size, &align))
		fault(c, o, "has a type that this prongd does not know");
	else if (o->member_size != size)
		fault(c, o,
		    "does not fit its member: the C type must be the "
		    "one that <prong/handler.h> names");
	else if (o->offset > config_size || size > config_size - o->offset)
		fault(c, o, "lies outside config_size");
	else if (o->offset % align != 0)
		fault(c, o, "is not aligned");
}

static void
check_choices(struct checker *c, const struct prong_option *o)
{
	size_t i;

	if (!o->choices || !o->choices[0]) {
		fault(c, o, "has no choices");
		return;
	}
	for (i = 0; o->choices[i]; i++)
		if (o->default_text &&
		    strcmp(o->choices[i], o->default_text) == 0)
			return;
	if (o->default_text)
		fault(c, o, "has a default that is none of its choices");
}

static void
check_default(struct checker *c, const struct prong_option *o)
{
	int (*parse)(const char *, int64_t *, const char **) = NULL;
	const char *why;
	int64_t value;

	if (o->type == PRONG_TYPE_SIZE)
		parse = quantity_parse_size;
	else if (o->type == PRONG_TYPE_TIME)
		parse = quantity_parse_time;
	else if (o->type == PRONG_TYPE_CHOICE)
		check_choices(c, o);
	else if ((o->type == PRONG_TYPE_PATH) && o->default_text &&
	    o->default_text[0] != '/')
		fault(c, o, "has a default that is no absolute path");
	if (parse && o->default_text &&
	    parse(o->default_text, &value, &why) < 0)
		fault(c, o, "has a default that cannot be read");
	if (o->minimum > o->maximum)
		fault(c, o, "has a minimum above its maximum");
}

static void
check_members(struct checker *c, const struct prong_option *o, unsigned depth)
{
	if (!o->members)
		fault(c, o, "is a group without members");
	else if (o->group_size == 0 || o->group_size > OPTION_CONFIG_MAX_BYTES)
		fault(c, o, "has a group_size of 0 or above 16 MiB");
	else if (depth == OPTION_DEPTH_MAX)
		fault(c, o, "is a group in too many others");
	else
		check_table(c, o->members, o->group_size, depth + 1);
}

static bool
is_duplicate(const struct checker *c, const struct prong_option *options,
    const struct prong_option *option)
{
	const struct prong_option *o = options;

	for (; o != option; o = (const void *)((const char *)o + c->stride))
		if (strcmp(o->name, option->name) == 0)
			return true;
	return false;
}

static void
check_table(struct checker *c, const struct prong_option *options,
    uint64_t config_size, unsigned depth)
{
	const struct prong_option *o = options;
	size_t count = 0;

	for (; o->name; o = (const void *)((const char *)o + c->stride)) {
		if (++count > OPTIONS_MAX) {
			fault(c, o, "is one too many (is PRONG_END missing?)");
			return;
		}
		if (!setting_is_name(o->name))
			fault(c, o,
			    "has a name that is not lower-case "
			    "letters, digits, \"_\" and \"-\"");
		else if (is_duplicate(c, options, o))
			fault(c, o, "is there twice");
		check_member(c, o, config_size);
		check_default(c, o);
		if (o->type == PRONG_TYPE_GROUP || o->type == PRONG_TYPE_GROUPS)
			check_members(c, o, depth);
	}
}

int
option_check(const struct option_table *table, const char *plugin,
    const config_setting_t *group, struct report *report)
{
	struct checker c = { plugin, group, report, table->stride };
	unsigned before = report->errors;

	if (table->config_size > OPTION_CONFIG_MAX_BYTES)
		report_error(report, group,
		    "the handler \"%s\" is built "
		    "wrongly: found a config_size of %" PRIu64 " bytes; "
		    "possible: at most %" PRIu64,
		    plugin, table->config_size, OPTION_CONFIG_MAX_BYTES);
	else if (table->options)
		check_table(&c, table->options, table->config_size, 1);
	return report->errors == before ? 0 : -1;
}
