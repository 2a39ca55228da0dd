/*
 * Quantities with units. See quantity.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/quantity.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	int64_t factor;
	bool shown; /* used for printing */
};

/* In falling order, for printing. Decimal units are read but not printed. */
static const struct unit sizes[] = { { "TiB", INT64_C(1) << 40, true },
	{ "TB", INT64_C(1000000000000), false },
	{ "GiB", INT64_C(1) << 30, true }, { "GB", 1000000000, false },
	{ "MiB", 1 << 20, true }, { "MB", 1000000, false },
	{ "KiB", 1 << 10, true }, { "kB", 1000, false }, { "B", 1, true },
	{ NULL, 0, false } };
static const char size_words[] =
    "digits and a unit: B, kB, MB, GB, TB (1000 each) or KiB, MiB, GiB, TiB "
    "(1024 each), as in \"64 KiB\"";

static const struct unit times[] = { { "d", 86400000, true },
	{ "h", 3600000, true }, { "min", 60000, true }, { "s", 1000, true },
	{ "ms", 1, true }, { NULL, 0, false } };
static const char time_words[] =
    "digits and a unit: ms, s, min, h or d, as in \"10 s\"";

static const char too_large[] = "less than 2^63 in all";

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the number at the beginning of text. Returns the text after it; NULL
 * when there is no number or it is too large. */
static const char *
parse_digits(const char *text, int64_t *number, const char **why)
{
	int64_t n = 0;

	if (!is_digit(*text))
		return NULL;
	for (; is_digit(*text); text++) {
		int digit = *text - '0';

		if (n > (INT64_MAX - digit) / 10) {
			*why = too_large;
			return NULL;
		}
		n = n * 10 + digit;
	}
	*number = n;
	return text;
}

static int
parse(const char *text, const struct unit *units, bool needs_unit,
    const char *words, int64_t *value, const char **why)
{
	int64_t number;

	*why = words;
	text = parse_digits(text, &number, why);
	if (!text)
		return -1;
	if (*text == '\0' && !needs_unit) {
		*value = number;
		return 0;
	}
	while (*text == ' ')
		text++;
	while (units->name && strcmp(units->name, text) != 0)
		units++;
	if (!units->name)
		return -1;
	if (number > INT64_MAX / units->factor) {
		*why = too_large;
		return -1;
	}
	*value = number * units->factor;
	return 0;
}

/* Units of other servers and languages; upper and lower case are the same. */
struct alias {
	const char *written, *unit;
};

static const struct alias size_aliases[] = { { "b", "B" }, { "byte", "B" },
	{ "bytes", "B" }, { "k", "KiB" }, { "kb", "KiB" }, { "kib", "KiB" },
	{ "m", "MiB" }, { "mb", "MiB" }, { "mib", "MiB" }, { "g", "GiB" },
	{ "gb", "GiB" }, { "gib", "GiB" }, { "t", "TiB" }, { "tb", "TiB" },
	{ "tib", "TiB" }, { NULL, NULL } };

static const struct alias time_aliases[] = { { "", "s" }, { "s", "s" },
	{ "sec", "s" }, { "secs", "s" }, { "second", "s" }, { "seconds", "s" },
	{ "ms", "ms" }, { "msec", "ms" }, { "m", "min" }, { "min", "min" },
	{ "mins", "min" }, { "minute", "min" }, { "minutes", "min" },
	{ "h", "h" }, { "hour", "h" }, { "hours", "h" }, { "d", "d" },
	{ "day", "d" }, { "days", "d" }, { NULL, NULL } };

static bool
find_meant(const char *text, const struct alias *aliases,
    char meant[QUANTITY_MAX_CHARS])
{
	const char *why;
	int64_t number;

	text = parse_digits(text, &number, &why);
	if (!text)
		return false;
	while (*text == ' ')
		text++;
	while (aliases->written && strcasecmp(aliases->written, text) != 0)
		aliases++;
	if (!aliases->written)
		return false;
	snprintf(meant, QUANTITY_MAX_CHARS, "%" PRId64 " %s", number,
	    aliases->unit);
	return true;
}

static void
print(char text[QUANTITY_MAX_CHARS], const struct unit *units, int64_t value)
{
	while (units[1].name &&
	    (!units->shown || value == 0 || value % units->factor != 0))
		units++;
	snprintf(text, QUANTITY_MAX_CHARS, "%" PRId64 " %s",
	    value / units->factor, units->name);
}

int
quantity_parse_size(const char *text, int64_t *bytes, const char **why)
{
	return parse(text, sizes, false, size_words, bytes, why);
}

int
quantity_parse_time(const char *text, int64_t *ms, const char **why)
{
	return parse(text, times, true, time_words, ms, why);
}

bool
quantity_meant_size(const char *text, char meant[QUANTITY_MAX_CHARS])
{
	return find_meant(text, size_aliases, meant);
}

bool
quantity_meant_time(const char *text, char meant[QUANTITY_MAX_CHARS])
{
	return find_meant(text, time_aliases, meant);
}

void
quantity_print_size(char text[QUANTITY_MAX_CHARS], int64_t bytes)
{
	print(text, sizes, bytes);
}

void
quantity_print_time(char text[QUANTITY_MAX_CHARS], int64_t ms)
{
	print(text, times, ms);
}
