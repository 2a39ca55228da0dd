/*
 * Dates: any octets read as one, and any second written and read again. The
 * first octet chooses what year it is.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include "http/date.h"

#define YEAR_0	      INT64_C(-62167219200)
#define YEAR_9999_END INT64_C(253402300799)
#define HUNDRED_YEARS (INT64_C(36525) * 86400)

static int64_t
clamp(int64_t seconds)
{
	if (seconds < YEAR_0)
		return YEAR_0;
	return seconds > YEAR_9999_END ? YEAR_9999_END : seconds;
}

static void
check_written(int64_t seconds, int64_t now)
{
	char *text = fuzz_room(DATE_BYTES);
	int64_t again;

	date_format(seconds, text);
	assert(strlen(text) == DATE_BYTES - 1);
	assert(date_parse(slice_from_string(text), now, &again));
	assert(again == clamp(seconds));
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* From 1970 to the year 2480, and a time of the day. */
	int64_t now = (int64_t)fuzz_choice(&data, &size) * 63113904 + 4711;
	int64_t seconds = 0;
	char *copy = fuzz_copy(data, size);

	memcpy(&seconds, data, size < 8 ? size : 8);
	check_written(seconds, now);
	check_written(seconds >> 24, now);
	if (date_parse((struct slice){ copy, size }, now, &seconds)) {
		/* A leap second that ends the year 9999 is one too many. */
		assert(seconds - clamp(seconds) <= 1);
		check_written(seconds, now);
		/* No format has room for more. */
		assert(size <= sizeof("Wednesday, 01-Jan-76 00:00:00 GMT"));
		if (copy[size - 1] == 'T' && memchr(copy, '-', size))
			assert(seconds - now < HUNDRED_YEARS &&
			    now - seconds < HUNDRED_YEARS);
	}
	free(copy);
	return 0;
}
