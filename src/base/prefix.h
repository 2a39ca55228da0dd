/*
 * Networks by their prefix, as text, and whether an address is in one. An IPv4
 * address in an IPv6 one counts as IPv4, as in address.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_PREFIX_H
#define PRONG_BASE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

struct address;

struct prefix {
	int family; /* AF_INET, AF_INET6, AF_UNIX */
	unsigned bits;
	unsigned char bytes[16];
};

/* Reads "127.0.0.0/8", "2001:db8::/32", an address alone, or "unix:" for all
 * Unix sockets. Bits set beyond the prefix are an error: more likely a slip
 * than a wish. False when the text is no such thing: *why then says what is
 * possible, in constant text. */
bool prefix_parse(const char *text, struct prefix *prefix, const char **why);

/* An IPv4 address is in no prefix of IPv6. */
bool prefix_contains(const struct prefix *prefix,
    const struct address *address);

/* Whether any of count prefixes does. */
bool prefix_any_contains(const struct prefix *prefixes, size_t count,
    const struct address *address);

#endif
