/*
 * SPDX-License-Identifier: ISC
 */
#include "http/uri_octets.h"

#include <stdint.h>

#define BOTH (URI_PATH | URI_QUERY)
#define HOST (URI_REG_NAME | BOTH)

static const uint8_t octets[256] = {
	['!'] = HOST,
	['$'] = HOST,
	['&' ... '.'] = HOST,
	['/'] = BOTH,
	['0' ... '9'] = HOST,
	[':'] = BOTH,
	[';'] = HOST,
	['='] = HOST,
	['?'] = URI_QUERY,
	['@'] = BOTH,
	['A' ... 'Z'] = HOST,
	['['] = BOTH,
	['\\'] = URI_QUERY,
	[']' ... '^'] = BOTH,
	['_'] = HOST,
	['`'] = URI_QUERY,
	['a' ... 'z'] = HOST,
	['{'] = URI_QUERY,
	['|'] = BOTH,
	['}'] = URI_QUERY,
	['~'] = HOST,
};

bool
uri_may_hold(char octet, unsigned what)
{
	return octets[(unsigned char)octet] & what;
}

bool
uri_is_digit(char octet)
{
	return octet >= '0' && octet <= '9';
}

int
uri_hex_value(char octet)
{
	if (uri_is_digit(octet))
		return octet - '0';
	if (octet >= 'a' && octet <= 'f')
		return octet - 'a' + 10;
	return octet >= 'A' && octet <= 'F' ? octet - 'A' + 10 : -1;
}

int
uri_decode_triplet(struct slice text)
{
	int high, low;

	if (text.len < 3 || text.data[0] != '%')
		return -1;
	high = uri_hex_value(text.data[1]);
	low = uri_hex_value(text.data[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}
