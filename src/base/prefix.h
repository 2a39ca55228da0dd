/*
 * Networks, given by a prefix: reading them, and whether an address is in one.
 * An IPv4-mapped IPv6 address counts as IPv4, as in address.h.
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
 * Unix sockets. Bits set beyond the prefix are an error, as they are more often
 * a mistake than intended. False for a wrong text: *why is then a constant text
 * with the possible ones. */
bool prefix_parse(const char *text, struct prefix *prefix, const char **why);

/* Whether the network contains the address. No IPv6 network contains an IPv4
 * address. */
bool prefix_contains(const struct prefix *prefix,
    const struct address *address);

/* Whether any of count networks contains the address. */
bool prefix_any_contains(const struct prefix *prefixes, size_t count,
    const struct address *address);

#endif
