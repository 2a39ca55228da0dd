/*
 * Networks. See prefix.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/prefix.h"

#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/ip.h"
#include "base/slice.h"

/* Whether a bit from first to before end is set. */
static bool
has_bits_from(const unsigned char *bytes, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++)
		if (bytes[i / 8] & 0x80u >> i % 8)
			return true;
	return false;
}

static bool
parse_prefix_address(struct slice text, struct prefix *prefix)
{
	if (ip_parse(text, AF_INET, prefix->bytes))
		prefix->family = AF_INET;
	else if (ip_parse(text, AF_INET6, prefix->bytes))
		prefix->family = AF_INET6;
	return prefix->family != 0;
}

/* Turns ::ffff:192.0.2.0/120 into 192.0.2.0/24, like ip_unmap. */
static void
unmap_prefix(struct prefix *prefix)
{
	struct ip ip = { .family = prefix->family };

	memcpy(ip.bytes, prefix->bytes, sizeof(ip.bytes));
	ip_unmap(&ip);
	if (prefix->family == ip.family || prefix->bits < 96)
		return;
	prefix->family = ip.family;
	prefix->bits -= 96;
	memcpy(prefix->bytes, ip.bytes, sizeof(ip.bytes));
}

static const char *
parse_prefix(struct slice text, struct prefix *prefix)
{
	const char *slash = memchr(text.data, '/', text.len);
	struct slice host = text;
	unsigned most;
	uint64_t bits;

	if (slash)
		host.len = (size_t)(slash - text.data);
	if (memchr(host.data, '%', host.len))
		return "write the address without \"%\" and interface: it "
		       "stands "
		       "for clients at all interfaces";
	if (!parse_prefix_address(host, prefix))
		return "write an address, or \"ADDRESS/BITS\", like "
		       "\"192.0.2.0/24\" or \"2001:db8::/32\", or \"unix:\" "
		       "for all Unix sockets";
	bits = most = prefix->family == AF_INET ? 32 : 128;
	if (slash &&
	    (!slice_parse_number(slice_skip(text, host.len + 1), &bits) ||
		bits > most))
		return most == 32 ? "after \"/\" stands a number from 0 to 32" :
				    "after \"/\" stands a number from 0 to 128";
	if (has_bits_from(prefix->bytes, (unsigned)bits, most))
		return "the address has bits set beyond those that \"/\" "
		       "leaves; write the network's first address, or more "
		       "bits";
	prefix->bits = (unsigned)bits;
	return NULL;
}

bool
prefix_parse(const char *text, struct prefix *prefix, const char **why)
{
	struct prefix parsed = { 0 };
	const char *error;

	if (strcmp(text, "unix:") == 0) {
		*prefix = (struct prefix){ .family = AF_UNIX };
		return true;
	}
	error = parse_prefix(slice_from_string(text), &parsed);
	if (error) {
		*why = error;
		return false;
	}
	unmap_prefix(&parsed);
	*prefix = parsed;
	return true;
}

bool
prefix_contains(const struct prefix *prefix, const struct address *address)
{
	struct ip ip = ip_of_address(address);
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
	unsigned mask = 0xff00u >> rest & 0xffu;

	if (prefix->family == AF_UNIX)
		return address_is_unix(address);
	if (ip.family == 0 || ip.family != prefix->family ||
	    memcmp(ip.bytes, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((ip.bytes[whole] ^ prefix->bytes[whole]) & mask) == 0;
}

bool
prefix_any_contains(const struct prefix *prefixes, size_t count,
    const struct address *address)
{
	for (size_t i = 0; i < count; i++)
		if (prefix_contains(&prefixes[i], address))
			return true;
	return false;
}
