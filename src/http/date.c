/*
 * SPDX-License-Identifier: ISC
 */
#include "http/date.h"

#include <stddef.h>
#include <string.h>

#include "base/decimal.h"

#define SECONDS_PER_DAY 86400

/* The first second of year 0 and the last second of year 9999, in the proleptic
 * Gregorian calendar. */
#define EARLIEST INT64_C(-62167219200)
#define LATEST	 INT64_C(253402300799)

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "SunMonTueWedThuFriSat";
static const char *const long_days[] = { "Sunday", "Monday", "Tuesday",
	"Wednesday", "Thursday", "Friday", "Saturday" };

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int64_t year, int month)
{
	if (month == 2)
		return is_leap(year) ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Years begin in March here, so that the leap day is the last day of a year;
 * shift keeps the divisions from negative numbers. */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
	const int64_t shift = 400;
	int64_t y = year + shift - (month <= 2);
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year -
	    (719468 + 146097);
}

static int64_t
to_seconds(const struct date *c)
{
	return days_from_civil(c->year, c->month, c->day) * SECONDS_PER_DAY +
	    c->hour * 3600 + c->minute * 60 + c->second;
}

static int64_t
year_of(int64_t day)
{
	/* The estimate is the year or the year before, never a later one. */
	int64_t year = (day + 719528) * 400 / 146097 - 1;

	while (days_from_civil(year + 1, 1, 1) <= day)
		year++;
	return year;
}

void
date_from_seconds(int64_t seconds, struct date *d)
{
	int64_t since, day;
	int left;

	seconds = seconds < EARLIEST ? EARLIEST : seconds;
	seconds = seconds > LATEST ? LATEST : seconds;
	since = seconds - EARLIEST;
	day = since / SECONDS_PER_DAY + EARLIEST / SECONDS_PER_DAY;
	left = (int)(since % SECONDS_PER_DAY);
	d->hour = left / 3600;
	d->minute = left / 60 % 60;
	d->second = left % 60;
	d->year = year_of(day);
	left = (int)(day - days_from_civil(d->year, 1, 1));
	for (d->month = 1; left >= month_days(d->year, d->month); d->month++)
		left -= month_days(d->year, d->month);
	d->day = left + 1;
	/* 1 January 1970 was a Thursday; the addend keeps the sum positive. */
	d->weekday = (int)((day + 4 + 7 * INT64_C(200000)) % 7);
}

const char *
date_month(int month)
{
	return months + (ptrdiff_t)(month - 1) * 3;
}

void
date_format(int64_t seconds, char out[DATE_BYTES])
{
	struct date d;

	date_from_seconds(seconds, &d);
	memcpy(out, "ddd, dd mmm yyyy hh:mm:ss GMT", DATE_BYTES);
	memcpy(out, days + (ptrdiff_t)d.weekday * 3, 3);
	decimal_put_padded(out + 5, 2, (uint64_t)d.day);
	memcpy(out + 8, date_month(d.month), 3);
	decimal_put_padded(out + 12, 4, (uint64_t)d.year);
	decimal_put_padded(out + 17, 2, (uint64_t)d.hour);
	decimal_put_padded(out + 20, 2, (uint64_t)d.minute);
	decimal_put_padded(out + 23, 2, (uint64_t)d.second);
}

/*
 * Functions to read text by a pattern, octet by octet:
 *	a A	the name of a day, short or long
 *	b	the name of a month
 *	d e	day of the month; e: its first digit may be a space
 *	y Y	year, of two digits or four
 *	h m s	hour, minute, second, of two digits
 *	other	the octet itself
 */
static bool
take_number(struct slice *text, size_t digits, int64_t *number)
{
	uint64_t n;

	if (text->len < digits ||
	    !slice_parse_number((struct slice){ text->data, digits }, &n))
		return false;
	*number = (int64_t)n;
	*text = slice_skip(*text, digits);
	return true;
}

static bool
take_int(struct slice *text, int *number)
{
	int64_t n;

	if (!take_number(text, 2, &n))
		return false;
	*number = (int)n;
	return true;
}

static bool
take_day(struct slice *text, int *day)
{
	int64_t n;

	if (text->len < 2 || text->data[0] != ' ')
		return take_int(text, day);
	*text = slice_skip(*text, 1);
	if (!take_number(text, 1, &n))
		return false;
	*day = (int)n;
	return true;
}

/* The index of a three-letter name in names; -1 for another name. */
static int
take_name(struct slice *text, const char *names)
{
	if (text->len < 3)
		return -1;
	for (int i = 0; names[i * 3] != '\0'; i++)
		if (memcmp(text->data, names + (ptrdiff_t)i * 3, 3) == 0) {
			*text = slice_skip(*text, 3);
			return i;
		}
	return -1;
}

static bool
take_long_day(struct slice *text)
{
	for (size_t i = 0; i < sizeof(long_days) / sizeof(long_days[0]); i++) {
		struct slice name = slice_from_string(long_days[i]);

		if (text->len >= name.len &&
		    memcmp(text->data, name.data, name.len) == 0) {
			*text = slice_skip(*text, name.len);
			return true;
		}
	}
	return false;
}

static bool
take_octet(struct slice *text, char octet)
{
	if (text->len == 0 || text->data[0] != octet)
		return false;
	*text = slice_skip(*text, 1);
	return true;
}

static bool
take_one(struct slice *text, char what, struct date *c)
{
	switch (what) {
	case 'a':
		return take_name(text, days) >= 0;
	case 'A':
		return take_long_day(text);
	case 'b':
		return (c->month = take_name(text, months) + 1) > 0;
	case 'd':
		return take_int(text, &c->day);
	case 'e':
		return take_day(text, &c->day);
	case 'y':
		return take_number(text, 2, &c->year);
	case 'Y':
		return take_number(text, 4, &c->year);
	case 'h':
		return take_int(text, &c->hour);
	case 'm':
		return take_int(text, &c->minute);
	case 's':
		return take_int(text, &c->second);
	default:
		return take_octet(text, what);
	}
}

static bool
take_pattern(struct slice text, const char *pattern, struct date *c)
{
	for (; *pattern != '\0'; pattern++)
		if (!take_one(&text, *pattern, c))
			return false;
	return text.len == 0;
}

/* Second 60 is a leap second (RFC 9110 5.6.7); it counts as the next second. */
static bool
is_possible(const struct date *c)
{
	return c->day >= 1 && c->day <= month_days(c->year, c->month) &&
	    c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

/* RFC 9110 5.6.7: a date that seems to be more than 50 years ahead is in the
 * past. Dates are compared by year, then by the time within the year. */
static void
choose_century(struct date *c, int64_t now)
{
	struct date limit;

	now = now < 0 ? 0 : now > LATEST ? LATEST : now;
	date_from_seconds(now, &limit);
	limit.year += 50;
	c->year += limit.year / 100 * 100;
	if (c->year > limit.year)
		c->year -= 100;
	if (c->year == limit.year && to_seconds(c) > to_seconds(&limit))
		c->year -= 100;
}

bool
date_parse(struct slice text, int64_t now, int64_t *seconds)
{
	struct date c = { 0 };

	if (take_pattern(text, "A, d-b-y h:m:s GMT", &c))
		choose_century(&c, now);
	else if (!take_pattern(text, "a, d b Y h:m:s GMT", &c) &&
	    !take_pattern(text, "a b e h:m:s Y", &c))
		return false;
	if (!is_possible(&c))
		return false;
	*seconds = to_seconds(&c);
	return true;
}
