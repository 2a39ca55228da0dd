/*
 * The time of a line, in the zone of the server.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "accesslog/accesslog.h"
#include "accesslog/internal.h"
#include "base/decimal.h"
#include "base/hot.h"
#include "http/date.h"

/* Zones change their offset at full quarters of an hour. */
#define QUARTER_S 900

/* What was last asked of libc. The generation asks before it forks: in a
 * connection the question costs page faults. */
static struct {
	bool is_known;
	int64_t quarter;
	int64_t offset_s;
} zone;

/* The text of a second, in either form. */
struct made {
	bool is_made;
	int64_t seconds;
	size_t length;
	char text[40];
};

static int64_t
quarter_of(int64_t seconds)
{
	return seconds / QUARTER_S - (seconds % QUARTER_S < 0);
}

static int64_t
offset_at(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!zone.is_known || zone.quarter != quarter_of(seconds)) {
		zone.offset_s = localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
		zone.quarter = quarter_of(seconds);
		zone.is_known = true;
	}
	return zone.offset_s;
}

void
accesslog_prepare(int64_t now)
{
	offset_at(now);
}

static char *
put_clock(char *out, const struct date *d)
{
	out = decimal_put_padded(out, 2, (uint64_t)d->hour);
	*out++ = ':';
	out = decimal_put_padded(out, 2, (uint64_t)d->minute);
	*out++ = ':';
	return decimal_put_padded(out, 2, (uint64_t)d->second);
}

/* As +hhmm. */
static char *
put_offset(char *out, int64_t offset_s)
{
	uint64_t minutes = (uint64_t)llabs(offset_s) / 60;

	*out++ = offset_s < 0 ? '-' : '+';
	return decimal_put_padded(out, 4, minutes / 60 * 100 + minutes % 60);
}

/* 2026-11-26T23:59:59+0000 */
static char *
put_iso(char *out, const struct date *d, int64_t offset_s)
{
	out = decimal_put_padded(out, 4, (uint64_t)d->year);
	*out++ = '-';
	out = decimal_put_padded(out, 2, (uint64_t)d->month);
	*out++ = '-';
	out = decimal_put_padded(out, 2, (uint64_t)d->day);
	*out++ = 'T';
	return put_offset(put_clock(out, d), offset_s);
}

/* [26/Nov/2026:23:59:59 +0000] */
static char *
put_common(char *out, const struct date *d, int64_t offset_s)
{
	*out++ = '[';
	out = decimal_put_padded(out, 2, (uint64_t)d->day);
	*out++ = '/';
	memcpy(out, date_month(d->month), 3);
	out += 3;
	*out++ = '/';
	out = decimal_put_padded(out, 4, (uint64_t)d->year);
	*out++ = ':';
	out = put_clock(out, d);
	*out++ = ' ';
	out = put_offset(out, offset_s);
	*out++ = ']';
	return out;
}

/* Made once a second. */
void
accesslog_put_time(struct accesslog_line *line, int64_t seconds)
{
	static HOT struct made texts[2];
	bool json = line->quoting == QUOTE_JSON;
	struct made *made = &texts[json];
	struct date date;
	int64_t offset_s;
	char *end;

	if (!made->is_made || made->seconds != seconds) {
		offset_s = offset_at(seconds);
		date_from_seconds(seconds + offset_s, &date);
		end = json ? put_iso(made->text, &date, offset_s) :
			     put_common(made->text, &date, offset_s);
		made->length = (size_t)(end - made->text);
		made->is_made = true;
		made->seconds = seconds;
	}
	accesslog_put_octets(line, made->text, made->length);
}
