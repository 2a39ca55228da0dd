/* SPDX-License-Identifier: ISC */
#include "base/decimal.h"

#include <stddef.h>

char *
decimal_put(char *out, uint64_t number)
{
	char digits[DECIMAL_DIGITS];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (n > 0)
		*out++ = digits[--n];
	return out;
}

char *
decimal_put_padded(char *out, int digits, uint64_t number)
{
	int i;

	for (i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + number % 10);
		number /= 10;
	}
	return out + digits;
}
