/*
 * SPDX-License-Identifier: ISC
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/slice.h"

static const char possible[] =
    "write \"ADDRESS:PORT\", \"[IPv6 ADDRESS]:PORT\", \"unix:/PATH\" or, for "
    "sockets that the service manager passes, \"systemd:NAME\"";

/* An IP address without its dress. family 0: none. */
struct ip {
	int family;		 /* AF_INET, AF_INET6 */
	unsigned char bytes[16]; /* 4 of them for AF_INET */
	in_port_t port;		 /* host's byte order */
};

static void
unmap(struct ip *ip)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (ip->family != AF_INET6 ||
	    memcmp(ip->bytes, mapped, sizeof(mapped)) != 0)
		return;
	ip->family = AF_INET;
	memmove(ip->bytes, ip->bytes + 12, 4);
	memset(ip->bytes + 4, 0, 12);
}

static struct ip
ip_of(const struct address *address)
{
	struct ip ip = { 0 };
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (address->length >= sizeof(in) &&
	    address->storage.ss_family == AF_INET) {
		memcpy(&in, &address->storage, sizeof(in));
		ip.family = AF_INET;
		ip.port = ntohs(in.sin_port);
		memcpy(ip.bytes, &in.sin_addr, 4);
	} else if (address->length >= sizeof(in6) &&
	    address->storage.ss_family == AF_INET6) {
		memcpy(&in6, &address->storage, sizeof(in6));
		ip.family = AF_INET6;
		ip.port = ntohs(in6.sin6_port);
		memcpy(ip.bytes, &in6.sin6_addr, 16);
		unmap(&ip);
	}
	return ip;
}

static bool
is_unix(const struct address *address)
{
	return address->length >= sizeof(sa_family_t) &&
	    address->storage.ss_family == AF_UNIX;
}

/* The path of a Unix socket; NULL when it has none, or one in the abstract
 * name space. */
static const char *
unix_path(const struct address *address, size_t *length)
{
	const size_t offset = offsetof(struct sockaddr_un, sun_path);
	const char *path = (const char *)&address->storage + offset;

	if (!is_unix(address) || address->length <= offset || path[0] == '\0')
		return NULL;
	*length = strnlen(path, address->length - offset);
	return path;
}

/* Reading. */

/* Text of at most an address's length, with NUL as inet_pton wants it. */
static bool
parse_ip(struct slice text, int family, unsigned char bytes[16])
{
	char buffer[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(buffer))
		return false;
	memcpy(buffer, text.data, text.len);
	buffer[text.len] = '\0';
	return inet_pton(family, buffer, bytes) == 1;
}

static bool
parse_port(struct slice text, in_port_t *port)
{
	uint64_t n;

	if (!slice_parse_number(text, &n) || n > UINT16_MAX)
		return false;
	*port = (in_port_t)n;
	return true;
}

static void
make_in(struct address *address, const unsigned char *bytes, in_port_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_port = htons(port);
	memcpy(&in.sin_addr, bytes, 4);
	memset(address, 0, sizeof(*address));
	memcpy(&address->storage, &in, sizeof(in));
	address->length = sizeof(in);
}

static void
make_in6(struct address *address, const unsigned char *bytes, in_port_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	in6.sin6_port = htons(port);
	memcpy(&in6.sin6_addr, bytes, 16);
	memset(address, 0, sizeof(*address));
	memcpy(&address->storage, &in6, sizeof(in6));
	address->length = sizeof(in6);
}

void
address_set_ip(struct address *address, int family, const void *octets,
    uint16_t port)
{
	if (family == AF_INET)
		make_in(address, octets, port);
	else
		make_in6(address, octets, port);
}

bool
address_parse_ip(struct slice text, int family, uint16_t port,
    struct address *address)
{
	unsigned char bytes[16];

	if (!parse_ip(text, family, bytes))
		return false;
	address_set_ip(address, family, bytes, port);
	return true;
}

void
address_set_unix(struct address *address, const char *path, size_t length)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (length >= sizeof(un.sun_path))
		length = 0;
	memcpy(un.sun_path, path, length);
	memset(address, 0, sizeof(*address));
	memcpy(&address->storage, &un, sizeof(un));
	address->length = (socklen_t)offsetof(struct sockaddr_un, sun_path);
	if (length > 0)
		address->length += (socklen_t)length + 1;
}

static bool
parse_unix(const char *path, struct address *address, const char **why)
{
	size_t length = strlen(path);

	if (path[0] != '/') {
		*why = "a Unix socket needs a path that begins with \"/\"";
		return false;
	}
	if (length >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		*why = "the path of a Unix socket can have 107 octets at most";
		return false;
	}
	address_set_unix(address, path, length);
	return true;
}

/* Why a host is not an IPv4 address, beyond that. */
static const char *
why_not_ipv4(struct slice host)
{
	if (host.len == 0 || slice_is(host, "*"))
		return "for all addresses write \"0.0.0.0:PORT\", "
		       "\"[::]:PORT\" or both";
	if (memchr(host.data, ':', host.len))
		return "an IPv6 address stands in brackets: "
		       "\"[ADDRESS]:PORT\"";
	return "names are not looked up; write the numeric address";
}

static bool
parse_inet(struct slice host, in_port_t port, struct address *address,
    const char **why)
{
	unsigned char bytes[16];

	if (host.len > 1 && host.data[0] == '[' &&
	    host.data[host.len - 1] == ']') {
		host = (struct slice){ host.data + 1, host.len - 2 };
		if (parse_ip(host, AF_INET6, bytes)) {
			make_in6(address, bytes, port);
			return true;
		}
		*why = "there is no IPv6 address between the brackets";
		return false;
	}
	if (parse_ip(host, AF_INET, bytes)) {
		make_in(address, bytes, port);
		return true;
	}
	*why = why_not_ipv4(host);
	return false;
}

bool
address_parse_listen(const char *text, struct address *address,
    const char **why)
{
	const char *colon = strrchr(text, ':');
	const char *bracket = strrchr(text, ']');
	in_port_t port;

	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, address, why);
	if (!colon || (bracket && bracket > colon)) {
		*why = possible;
		return false;
	}
	if (!parse_port(slice_from_string(colon + 1), &port)) {
		*why = "the port after the last \":\" is a number from 0 to "
		       "65535";
		return false;
	}
	return parse_inet((struct slice){ text, (size_t)(colon - text) }, port,
	    address, why);
}

/* Writing. */

/* Each connection writes its client's address, and after a fork every page of
 * libc that is touched costs a fault: so IPv4 without inet_ntop and snprintf. */
static char *
put_number(char *out, unsigned number)
{
	char digits[10];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (n > 0)
		*out++ = digits[--n];
	return out;
}

static char *
put_ipv4(char *out, const unsigned char bytes[4])
{
	size_t i;

	for (i = 0; i < 4; i++) {
		out = put_number(out, bytes[i]);
		if (i < 3)
			*out++ = '.';
	}
	return out;
}

const char *
address_format_host(const struct address *address, char out[ADDRESS_TEXT_BYTES])
{
	struct ip ip = ip_of(address);

	out[0] = '\0';
	if (ip.family == AF_INET)
		*put_ipv4(out, ip.bytes) = '\0';
	else if (ip.family != 0)
		inet_ntop(ip.family, ip.bytes, out, ADDRESS_TEXT_BYTES);
	return out;
}

static void
format_unix(const struct address *address, char out[ADDRESS_TEXT_BYTES])
{
	size_t length = 0;
	const char *path = unix_path(address, &length);

	snprintf(out, ADDRESS_TEXT_BYTES, "unix:%.*s", (int)length,
	    path ? path : "");
}

const char *
address_format(const struct address *address, char out[ADDRESS_TEXT_BYTES])
{
	struct ip ip = ip_of(address);
	char host[ADDRESS_TEXT_BYTES], *end;

	if (ip.family == AF_INET) {
		end = put_ipv4(out, ip.bytes);
		*end++ = ':';
		*put_number(end, ip.port) = '\0';
		return out;
	}
	address_format_host(address, host);
	if (ip.family == AF_INET6)
		snprintf(out, ADDRESS_TEXT_BYTES, "[%.50s]:%u", host,
		    (unsigned)ip.port);
	else if (is_unix(address))
		format_unix(address, out);
	else
		snprintf(out, ADDRESS_TEXT_BYTES, "unknown");
	return out;
}

int
address_port(const struct address *address)
{
	struct ip ip = ip_of(address);

	return ip.family != 0 ? ip.port : -1;
}

/* Comparing. */

static bool
unix_equal(const struct address *a, const struct address *b)
{
	size_t a_length = 0, b_length = 0;
	const char *a_path = unix_path(a, &a_length);
	const char *b_path = unix_path(b, &b_length);

	/* Sockets without a name cannot be told apart, hence are not equal. */
	return a_path && b_path && a_length == b_length &&
	    memcmp(a_path, b_path, a_length) == 0;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	struct ip x = ip_of(a), y = ip_of(b);

	if (x.family == 0 || y.family == 0)
		return unix_equal(a, b);
	return x.family == y.family && x.port == y.port &&
	    memcmp(x.bytes, y.bytes, sizeof(x.bytes)) == 0;
}

/* FNV-1a over the key, begun with the seed, then mixed once more. */
uint64_t
address_key_hash(struct address_key key, uint64_t seed)
{
	uint64_t hash = seed;
	size_t i;

	for (i = 0; i < sizeof(key.bytes); i++) {
		hash ^= key.bytes[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return hash ^ hash >> 32;
}

struct address_key
address_client_key(const struct address *address)
{
	struct address_key key = { { 0 } };
	struct ip ip = ip_of(address);

	if (ip.family == AF_INET) {
		key.bytes[0] = 4;
		memcpy(key.bytes + 1, ip.bytes, 4);
	} else if (ip.family == AF_INET6) {
		key.bytes[0] = 6;
		memcpy(key.bytes + 1, ip.bytes, 8);
	}
	return key;
}

/* Prefixes. */

/* The bits of bytes from the one with that number on. */
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
	if (parse_ip(text, AF_INET, prefix->bytes))
		prefix->family = AF_INET;
	else if (parse_ip(text, AF_INET6, prefix->bytes))
		prefix->family = AF_INET6;
	return prefix->family != 0;
}

/* ::ffff:192.0.2.0/120 is 192.0.2.0/24, as the addresses are. */
static void
unmap_prefix(struct prefix *prefix)
{
	struct ip ip = { .family = prefix->family };

	memcpy(ip.bytes, prefix->bytes, sizeof(ip.bytes));
	unmap(&ip);
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
	struct ip ip = ip_of(address);
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
	unsigned mask = 0xff00u >> rest & 0xffu;

	if (prefix->family == AF_UNIX)
		return is_unix(address);
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
