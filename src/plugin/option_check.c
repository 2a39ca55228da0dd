/*
 * Checks a plugin's table of options before use: a wrong table would lead to
 * writes beyond the handler's structure.
 *
 * SPDX-License-Identifier: ISC
 */
#include "plugin/option.h"

#include <inttypes.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <prong/handler.h>

#include "base/quantity.h"
#include "config/report.h"
#include "config/setting.h"

#define FAULT_MAX_BYTES 256

/* The array that this one is in had no end, most likely. */
#define NO_END \
	"a corrected plugin (is PRONG_END missing behind the last option?)"

#define FLAGS \
	(PRONG_READ | PRONG_WRITE | PRONG_EXECUTE | PRONG_FOLDER | \
	    PRONG_MAY_BE_ABSENT | PRONG_REQUIRED | PRONG_CONNECT)

struct checker {
	const char *plugin;
	const config_setting_t *group;
	struct report *report;
	size_t stride;
};

static void check_table(struct checker *c, const struct prong_option *options,
    uint64_t config_size, unsigned depth);

static void fault_but(struct checker *c, const struct prong_option *option,
    const char *possible, const char *format, ...)
    __attribute__((__format__(__printf__, 4, 5)));

/* possible: what the author can do. */
static void
fault_but(struct checker *c, const struct prong_option *option,
    const char *possible, const char *format, ...)
{
	char what[FAULT_MAX_BYTES];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	report_error(c->report, c->group,
	    "the handler \"%s\" is built "
	    "wrongly: its option \"%.63s\" %s; possible: %s",
	    c->plugin, option->name, what, possible);
}

static void
fault(struct checker *c, const struct prong_option *option, const char *what)
{
	fault_but(c, option, "a corrected plugin", "%s", what);
}

/* As an author writes them; NULL: unknown. */
static const char *
type_name(uint32_t type)
{
	static const char *const names[] = { [PRONG_TYPE_STRING] = "STRING",
		[PRONG_TYPE_BOOL] = "BOOL",
		[PRONG_TYPE_INT] = "INT",
		[PRONG_TYPE_SIZE] = "SIZE",
		[PRONG_TYPE_TIME] = "TIME",
		[PRONG_TYPE_CHOICE] = "CHOICE",
		[PRONG_TYPE_PATH] = "PATH",
		[PRONG_TYPE_SECRET] = "SECRET",
		[PRONG_TYPE_STRINGS] = "STRINGS",
		[PRONG_TYPE_PATHS] = "PATHS",
		[PRONG_TYPE_GROUP] = "GROUP",
		[PRONG_TYPE_GROUPS] = "GROUPS" };

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

/* The C type of the member. */
static const char *
c_type_of(const struct prong_option *option)
{
	switch (option->type) {
	case PRONG_TYPE_STRING:
	case PRONG_TYPE_PATH:
		return "const char *";
	case PRONG_TYPE_BOOL:
	case PRONG_TYPE_CHOICE:
	case PRONG_TYPE_SECRET:
		return "int32_t";
	case PRONG_TYPE_INT:
	case PRONG_TYPE_SIZE:
	case PRONG_TYPE_TIME:
		return "int64_t";
	case PRONG_TYPE_STRINGS:
	case PRONG_TYPE_PATHS:
		return "struct prong_strings";
	case PRONG_TYPE_GROUPS:
		return "struct prong_groups";
	default:
		return "the structure of the group";
	}
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
		fault_but(c, o, NO_END,
		    "has the type %" PRIu32 ", which this prongd does not know",
		    o->type);
	else if (o->member_size != size)
		fault_but(c, o, "a member of the type that it needs",
		    "is of type PRONG_TYPE_%s and needs a member of the C type "
		    "%s, of %" PRIu64 " bytes, but the member has %" PRIu64,
		    type_name(o->type), c_type_of(o), size, o->member_size);
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
check_flags(struct checker *c, const struct prong_option *o)
{
	if (o->flags & ~FLAGS)
		fault_but(c, o,
		    "PRONG_READ to PRONG_CONNECT of <prong/handler.h>",
		    "has the flags %#" PRIx32
		    ", which this prongd does not know",
		    o->flags & ~FLAGS);
}

/* Whether 0 is possible beside the limits: nothing is set then. */
static bool
may_be_zero(const struct prong_option *o)
{
	return o->type != PRONG_TYPE_INT ||
	    (o->flags & (PRONG_REQUIRED | PRONG_CONNECT));
}

/* Limits that are both 0 are none. */
static void
check_range(struct checker *c, const struct prong_option *o, int64_t value)
{
	if (o->minimum > o->maximum)
		fault_but(c, o, "a minimum that is at most the maximum",
		    "has the minimum %" PRId64 " above its maximum %" PRId64,
		    o->minimum, o->maximum);
	else if ((o->minimum != 0 || o->maximum != 0) &&
	    (value != 0 || !may_be_zero(o)) &&
	    (value < o->minimum || value > o->maximum))
		fault_but(c, o, "a default within its limits",
		    "has the default %" PRId64 ", but its limits are %" PRId64
		    " and %" PRId64,
		    value, o->minimum, o->maximum);
}

static void
check_default(struct checker *c, const struct prong_option *o)
{
	int (*parse)(const char *, int64_t *, const char **) = NULL;
	const char *why;
	int64_t value = o->type == PRONG_TYPE_INT ? o->default_number : 0;

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
	else
		check_range(c, o, value);
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
			fault_but(c, o, NO_END, "is one too many");
			return;
		}
		if (!setting_is_name(o->name))
			fault(c, o,
			    "has a name that is not lower-case "
			    "letters, digits, \"_\" and \"-\"");
		else if (is_duplicate(c, options, o))
			fault(c, o, "is there twice");
		check_flags(c, o);
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
