/* SPDX-License-Identifier: ISC */
#include "cli/measure.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400

const char *
measure_seconds(int64_t seconds, char text[MEASURE_BYTES])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < MINUTE)
		snprintf(text, MEASURE_BYTES, "%" PRId64 "s", seconds);
	else if (seconds < HOUR)
		snprintf(text, MEASURE_BYTES, "%" PRId64 "m%02" PRId64,
		    seconds / MINUTE, seconds % MINUTE);
	else if (seconds < DAY)
		snprintf(text, MEASURE_BYTES, "%" PRId64 "h%02" PRId64,
		    seconds / HOUR, seconds % HOUR / MINUTE);
	else
		snprintf(text, MEASURE_BYTES, "%" PRId64 "d", seconds / DAY);
	return text;
}

static const char *
scaled(uint64_t number, unsigned step, char text[MEASURE_BYTES])
{
	static const char units[] = "KMGTPE";
	double value = (double)number / step;
	size_t i = 0;

	while (value >= step && units[i + 1] != '\0') {
		value /= step;
		i++;
	}
	snprintf(text, MEASURE_BYTES, value < 9.95 ? "%.1f%c" : "%.0f%c", value,
	    units[i]);
	return text;
}

static const char *
whole(uint64_t number, char text[MEASURE_BYTES])
{
	snprintf(text, MEASURE_BYTES, "%" PRIu64, number);
	return text;
}

const char *
measure_octets(uint64_t octets, char text[MEASURE_BYTES])
{
	return octets < 1024 ? whole(octets, text) : scaled(octets, 1024, text);
}

const char *
measure_count(uint64_t count, char text[MEASURE_BYTES])
{
	return count < 1000000 ? whole(count, text) : scaled(count, 1000, text);
}

const char *
measure_rate(double rate, char text[MEASURE_BYTES])
{
	if (rate < 0)
		snprintf(text, MEASURE_BYTES, "-");
	else if (rate < 99.95)
		snprintf(text, MEASURE_BYTES, "%.1f", rate);
	else
		measure_count((uint64_t)(rate + 0.5), text);
	return text;
}

const char *
measure_us(uint64_t us, uint64_t count, char text[MEASURE_BYTES])
{
	if (count == 0)
		snprintf(text, MEASURE_BYTES, "-");
	else if (us < 1000)
		snprintf(text, MEASURE_BYTES, "%" PRIu64 " us", us);
	else if (us < 1000000)
		snprintf(text, MEASURE_BYTES, us < 9950 ? "%.1f ms" : "%.0f ms",
		    (double)us / 1e3);
	else
		snprintf(text, MEASURE_BYTES,
		    us < 9950000 ? "%.1f s" : "%.0f s", (double)us / 1e6);
	return text;
}
