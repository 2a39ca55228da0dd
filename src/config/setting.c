/*
 * One setting: its value and its name. See setting.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/setting.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/quantity.h"
#include "config/report.h"

#define FOUND_BYTES	   128
#define NAMES_BYTES	   1024
#define COMPARED_MAX_CHARS 40 /* longest name that is compared */

bool
setting_is_name(const char *name)
{
	const char *p = name;

	if (*p < 'a' || *p > 'z')
		return false;
	while ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
	    *p == '_' || *p == '-')
		p++;
	return *p == '\0' && p - name <= SETTING_NAME_MAX_CHARS;
}

static bool
is_place(const char *name)
{
	return strcmp(name, "sites") == 0 || strcmp(name, "routes") == 0 ||
	    strcmp(name, "handlers") == 0;
}

/* Inserts prefix before text, if there is room. */
static void
prepend(char text[SETTING_NAME_BYTES], const char *prefix)
{
	size_t length = strlen(text), more = strlen(prefix);

	if (length + more >= SETTING_NAME_BYTES)
		return;
	memmove(text + more, text, length + 1);
	memcpy(text, prefix, more);
}

const char *
setting_name(const config_setting_t *setting, char name[SETTING_NAME_BYTES])
{
	const config_setting_t *parent;
	char index[24];

	name[0] = '\0';
	for (; !config_setting_is_root(setting); setting = parent) {
		const char *own = config_setting_name(setting);

		parent = config_setting_parent(setting);
		if (own) {
			if (name[0] != '\0' && name[0] != '[')
				prepend(name, ".");
			prepend(name, own);
			continue;
		}
		own = config_setting_name(parent);
		if (name[0] != '\0' && own && is_place(own))
			break;
		snprintf(index, sizeof(index), "[%d]%s",
		    config_setting_index(setting),
		    name[0] != '\0' && name[0] != '[' ? "." : "");
		prepend(name, index);
	}
	return name;
}

static void
describe(const config_setting_t *setting, char out[FOUND_BYTES])
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING:
		snprintf(out, FOUND_BYTES, "\"%.80s\"",
		    config_setting_get_string(setting));
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(out, FOUND_BYTES, "the number %lld",
		    config_setting_get_int64(setting));
		break;
	case CONFIG_TYPE_FLOAT:
		snprintf(out, FOUND_BYTES, "the number %g",
		    config_setting_get_float(setting));
		break;
	case CONFIG_TYPE_BOOL:
		snprintf(out, FOUND_BYTES, "%s",
		    config_setting_get_bool(setting) ? "true" : "false");
		break;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		snprintf(out, FOUND_BYTES, "a list of %d",
		    config_setting_length(setting));
		break;
	case CONFIG_TYPE_GROUP:
	default:
		snprintf(out, FOUND_BYTES, "a group { }");
		break;
	}
}

void
setting_wrong(const config_setting_t *setting, struct report *report,
    const char *possible, ...)
{
	char name[SETTING_NAME_BYTES], found[FOUND_BYTES];
	char text[NAMES_BYTES];
	va_list ap;

	va_start(ap, possible);
	vsnprintf(text, sizeof(text), possible, ap);
	va_end(ap);
	describe(setting, found);
	report_error(report, setting, "%s: found %s; possible: %s",
	    setting_name(setting, name), found, text);
}

/* The number of letters to insert, delete or change to turn a into b. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[COMPARED_MAX_CHARS + 1], i, j, n = strlen(b);

	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= n; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

const char *
setting_nearest(const char *name, const char *const *known, size_t known_count)
{
	size_t i, least = strlen(name) < 6 ? 2 : 3;
	const char *nearest = NULL;

	if (strlen(name) > COMPARED_MAX_CHARS)
		return NULL;
	for (i = 0; i < known_count; i++) {
		size_t d;

		if (strlen(known[i]) > COMPARED_MAX_CHARS)
			continue;
		d = distance(name, known[i]);
		if (d < least) {
			least = d;
			nearest = known[i];
		}
	}
	return nearest;
}

void
setting_join(char *out, size_t size, const char *const *names, size_t count)
{
	size_t i, used = 0;

	out[0] = '\0';
	for (i = 0; i < count && used < size; i++) {
		int n = snprintf(out + used, size - used, "%s%s",
		    i > 0 ? ", " : "", names[i]);

		used += n > 0 ? (size_t)n : 0;
	}
}

void
setting_unknown(const config_setting_t *setting, struct report *report,
    const char *const *known, size_t known_count, const char *also)
{
	char name[SETTING_NAME_BYTES], names[NAMES_BYTES];
	const char *own = config_setting_name(setting);
	const char *nearest = setting_nearest(own, known, known_count);

	setting_join(names, sizeof(names), known, known_count);
	report_error(report, setting,
	    "%s: found an unknown setting%s%s%s; "
	    "possible: %s%s%s",
	    setting_name(setting, name), nearest ? " (is \"" : "",
	    nearest ? nearest : "", nearest ? "\" meant?)" : "",
	    known_count > 0 ? names :
		!also	    ? "none" :
			      "",
	    known_count > 0 && also ? ", " : "", also ? also : "");
}

static bool
is_integer(const config_setting_t *setting)
{
	int type = config_setting_type(setting);

	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

int
setting_integer(const config_setting_t *setting, int64_t minimum,
    int64_t maximum, int64_t *value, struct report *report)
{
	int64_t number;

	if (minimum == 0 && maximum == 0) {
		minimum = INT64_MIN;
		maximum = INT64_MAX;
	}
	if (is_integer(setting)) {
		number = config_setting_get_int64(setting);
		if (number >= minimum && number <= maximum) {
			*value = number;
			return 0;
		}
	}
	if (minimum == INT64_MIN && maximum == INT64_MAX)
		setting_wrong(setting, report, "a whole number, no quotes");
	else
		setting_wrong(setting, report,
		    "a whole number from %" PRId64 " to %" PRId64 ", no quotes",
		    minimum, maximum);
	return -1;
}

/* The functions in which sizes and times differ. */
struct quantity {
	int (*parse)(const char *text, int64_t *value, const char **why);
	void (*print)(char text[QUANTITY_MAX_CHARS], int64_t value);
	bool (*meant)(const char *text, char meant[QUANTITY_MAX_CHARS]);
	bool plain_numbers;
};

/* No quantity is in that text. */
static void
reject_text(const config_setting_t *setting, const struct quantity *q,
    const char *why, struct report *report)
{
	char meant[QUANTITY_MAX_CHARS];

	if (q->meant(config_setting_get_string(setting), meant))
		setting_wrong(setting, report, "%s (is \"%s\" meant?)", why,
		    meant);
	else
		setting_wrong(setting, report, "%s", why);
}

static int
read_quantity(const config_setting_t *setting, const struct quantity *q,
    int64_t minimum, int64_t maximum, int64_t *value, struct report *report)
{
	char low[QUANTITY_MAX_CHARS], high[QUANTITY_MAX_CHARS];
	const char *why = NULL;
	int64_t number = -1;

	if (minimum == 0 && maximum == 0)
		maximum = INT64_MAX;
	if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		if (q->parse(config_setting_get_string(setting), &number,
			&why) < 0) {
			reject_text(setting, q, why, report);
			return -1;
		}
	} else if (q->plain_numbers && is_integer(setting)) {
		number = config_setting_get_int64(setting);
	} else {
		q->parse("", &number, &why);
		setting_wrong(setting, report, "a string: %s", why);
		return -1;
	}
	if (number >= minimum && number <= maximum) {
		*value = number;
		return 0;
	}
	q->print(low, minimum);
	q->print(high, maximum);
	if (maximum == INT64_MAX)
		setting_wrong(setting, report, "at least \"%s\"", low);
	else
		setting_wrong(setting, report, "from \"%s\" to \"%s\"", low,
		    high);
	return -1;
}

int
setting_size(const config_setting_t *setting, int64_t minimum, int64_t maximum,
    int64_t *value, struct report *report)
{
	static const struct quantity size = { quantity_parse_size,
		quantity_print_size, quantity_meant_size, true };

	return read_quantity(setting, &size, minimum, maximum, value, report);
}

int
setting_time(const config_setting_t *setting, int64_t minimum, int64_t maximum,
    int64_t *value, struct report *report)
{
	static const struct quantity time = { quantity_parse_time,
		quantity_print_time, quantity_meant_time, false };

	return read_quantity(setting, &time, minimum, maximum, value, report);
}

int
setting_bool(const config_setting_t *setting, bool *value,
    struct report *report)
{
	const char *text = config_setting_get_string(setting);

	if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
		*value = config_setting_get_bool(setting) != 0;
	else if (text && (strcmp(text, "on") == 0 || strcmp(text, "off") == 0))
		*value = strcmp(text, "on") == 0;
	else {
		setting_wrong(setting, report, "true or false, no quotes");
		return -1;
	}
	return 0;
}

int
setting_choice(const config_setting_t *setting, const char *const *choices,
    size_t count, size_t *value, struct report *report)
{
	char names[NAMES_BYTES];
	size_t i;

	if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		for (i = 0; i < count; i++) {
			if (strcmp(config_setting_get_string(setting),
				choices[i]) == 0) {
				*value = i;
				return 0;
			}
		}
	}
	setting_join(names, sizeof(names), choices, count);
	setting_wrong(setting, report, "one of these in quotes: %s", names);
	return -1;
}

const char *
setting_string(const config_setting_t *setting, struct report *report)
{
	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		return config_setting_get_string(setting);
	setting_wrong(setting, report, "a string in quotes");
	return NULL;
}

const char *
setting_path(const config_setting_t *setting, struct report *report)
{
	const char *text = NULL, *p;

	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		text = config_setting_get_string(setting);
	if (!text || text[0] != '/') {
		setting_wrong(setting, report,
		    "an absolute path in quotes, "
		    "beginning with \"/\"");
		return NULL;
	}
	for (p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			setting_wrong(setting, report,
			    "a path without "
			    "control characters");
			return NULL;
		}
	}
	return text;
}

const config_setting_t *
setting_string_at(const config_setting_t *setting, long index)
{
	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		return index == 0 ? setting : NULL;
	if (index < 0 || index >= config_setting_length(setting))
		return NULL;
	return config_setting_get_elem(setting, (unsigned)index);
}

long
setting_check_strings(const config_setting_t *setting, struct report *report)
{
	const config_setting_t *element;
	int type = config_setting_type(setting);
	long i, count = 0;
	bool wrong = false;

	if (type == CONFIG_TYPE_STRING)
		return 1;
	if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
		setting_wrong(setting, report,
		    "a string in quotes, or several "
		    "in [ \"a\", \"b\" ]");
		return -1;
	}
	for (i = 0; (element = setting_string_at(setting, i)); i++) {
		if (!setting_string(element, report))
			wrong = true;
		count++;
	}
	return wrong ? -1 : count;
}

void *
setting_alloc(struct arena *arena, const config_setting_t *setting, size_t size,
    struct report *report)
{
	void *memory = arena_alloc(arena, size);

	if (!memory)
		report_error(report, setting, "out of memory");
	return memory;
}
