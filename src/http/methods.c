/*
 * Methods. See methods.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/methods.h"

#include <stddef.h>
#include <string.h>

#include <prong/handler.h>

static const struct {
	const char *name;
	uint64_t bit;
} methods_table[] = {
	{ "GET", PRONG_GET },
	{ "HEAD", PRONG_GET },
	{ "POST", PRONG_POST },
	{ "PUT", PRONG_PUT },
	{ "DELETE", PRONG_DELETE },
	{ "PATCH", PRONG_PATCH },
	{ "OPTIONS", PRONG_OPTIONS },
};

#define COUNT (sizeof(methods_table) / sizeof(methods_table[0]))

uint64_t
methods_bit(struct slice name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (slice_is(name, methods_table[i].name))
			return methods_table[i].bit;
	return 0;
}

_Static_assert(COUNT + 1 == PRONG_STATS_METHODS, "the others have a place");

size_t
methods_place(struct slice name)
{
	size_t i = 0;

	/* Most are. */
	if (name.len == 3 && name.data[0] == 'G' && name.data[1] == 'E' &&
	    name.data[2] == 'T')
		return 0;
	while (i < COUNT && !slice_is(name, methods_table[i].name))
		i++;
	return i;
}

bool
methods_contain(uint64_t methods, uint64_t bit)
{
	if (methods == 0)
		methods = PRONG_GET;
	return (methods & (bit | PRONG_ANY_METHOD)) != 0;
}

uint64_t
methods_without(uint64_t methods, uint64_t bit)
{
	if (methods & PRONG_ANY_METHOD)
		for (size_t i = 0; i < COUNT; i++)
			methods |= methods_table[i].bit;
	return methods & ~(bit | PRONG_ANY_METHOD);
}

const char *
methods_format(uint64_t methods, char out[METHODS_TEXT_BYTES])
{
	char *at = out;

	for (size_t i = 0; i < COUNT; i++) {
		if (!methods_contain(methods | PRONG_OPTIONS,
			methods_table[i].bit))
			continue;
		if (at != out)
			at = stpcpy(at, ", ");
		at = stpcpy(at, methods_table[i].name);
	}
	*at = '\0';
	return out;
}
