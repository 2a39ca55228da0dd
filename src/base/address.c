/*
 * Addresses of sockets. See address.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/decimal.h"
#include "base/ip.h"
#include "base/slice.h"

static const char possible[] =
    "write \"ADDRESS:PORT\", \"[IPv6 ADDRESS]:PORT\", \"unix:/PATH\" or, for "
    "sockets that the service manager passes, \"systemd:NAME\"";

bool
address_is_unix(const struct address *address)
{
	return address->length >= sizeof(sa_family_t) &&
	    address->storage.ss_family == AF_UNIX;
}

/* The path of a Unix socket; NULL for a socket without a path or with a name in
 * the abstract name space. */
static const char *
unix_path(const struct address *address, size_t *length)
{
	const size_t offset = offsetof(struct sockaddr_un, sun_path);
	const char *path = (const char *)&address->storage + offset;

	if (!address_is_unix(address) || address->length <= offset ||
	    path[0] == '\0')
		return NULL;
	*length = strnlen(path, address->length - offset);
	return path;
}

/* Reading. */

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

	if (!ip_parse(text, family, bytes))
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

/* The text for a host that is no IPv4 address. */
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

/* The interface of a link-local address; 0: none is given. */
static unsigned
scope_of(const struct address *address)
{
	struct sockaddr_in6 in6;

	if (address->length < sizeof(in6) ||
	    address->storage.ss_family != AF_INET6)
		return 0;
	memcpy(&in6, &address->storage, sizeof(in6));
	return in6.sin6_scope_id;
}

static bool
set_scope(struct address *address, struct slice zone, const char **why)
{
	char name[IF_NAMESIZE] = "";
	struct sockaddr_in6 in6;

	memcpy(&in6, &address->storage, sizeof(in6));
	if (!IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr)) {
		*why = "only a link-local address (fe80::) has an interface";
		return false;
	}
	if (zone.len < sizeof(name))
		memcpy(name, zone.data, zone.len);
	in6.sin6_scope_id = if_nametoindex(name);
	if (in6.sin6_scope_id == 0) {
		*why = "after \"%\" stands the name of an interface that there "
		       "is, as in \"[fe80::1%eth0]:PORT\"";
		return false;
	}
	memcpy(&address->storage, &in6, sizeof(in6));
	return true;
}

/* The text between brackets. */
static bool
parse_inet6(struct slice host, in_port_t port, struct address *address,
    const char **why)
{
	const char *percent = memchr(host.data, '%', host.len);
	struct slice zone = { NULL, 0 };
	unsigned char bytes[16];

	if (percent) {
		zone = slice_skip(host, (size_t)(percent - host.data) + 1);
		host.len = (size_t)(percent - host.data);
	}
	if (!ip_parse(host, AF_INET6, bytes)) {
		*why = "there is no IPv6 address between the brackets";
		return false;
	}
	make_in6(address, bytes, port);
	if (percent)
		return set_scope(address, zone, why);
	if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) {
		*why = "a link-local address needs its interface, as in "
		       "\"[fe80::1%eth0]:PORT\"";
		return false;
	}
	return true;
}

static bool
parse_inet(struct slice host, in_port_t port, struct address *address,
    const char **why)
{
	unsigned char bytes[16];

	if (host.len > 1 && host.data[0] == '[' &&
	    host.data[host.len - 1] == ']') {
		host = (struct slice){ host.data + 1, host.len - 2 };
		return parse_inet6(host, port, address, why);
	}
	if (ip_parse(host, AF_INET, bytes)) {
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
	if (strstr(text, "://")) {
		*why = "that is a URL; write the address alone, as in "
		       "\"127.0.0.1:80\"";
		return false;
	}
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

/* Not inet_ntop: see decimal.h. */
static char *
put_ipv4(char *out, const unsigned char bytes[4])
{
	size_t i;

	for (i = 0; i < 4; i++) {
		out = decimal_put(out, bytes[i]);
		if (i < 3)
			*out++ = '.';
	}
	return out;
}

const char *
address_format_host(const struct address *address, char out[ADDRESS_TEXT_BYTES])
{
	struct ip ip = ip_of_address(address);

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
	struct ip ip = ip_of_address(address);
	char host[ADDRESS_TEXT_BYTES], *end;

	if (ip.family == AF_INET) {
		end = put_ipv4(out, ip.bytes);
		*end++ = ':';
		*decimal_put(end, ip.port) = '\0';
		return out;
	}
	address_format_host(address, host);
	if (ip.family == AF_INET6)
		snprintf(out, ADDRESS_TEXT_BYTES, "[%.50s]:%u", host,
		    (unsigned)ip.port);
	else if (address_is_unix(address))
		format_unix(address, out);
	else
		snprintf(out, ADDRESS_TEXT_BYTES, "unknown");
	return out;
}

const char *
address_format_listen(const struct address *address,
    char out[ADDRESS_TEXT_BYTES])
{
	char host[ADDRESS_TEXT_BYTES], name[IF_NAMESIZE];
	unsigned scope = scope_of(address);

	if (scope == 0 || !if_indextoname(scope, name))
		return address_format(address, out);
	snprintf(out, ADDRESS_TEXT_BYTES, "[%.50s%%%s]:%d",
	    address_format_host(address, host), name, address_port(address));
	return out;
}

const char *
address_format_client(const struct address *address,
    char out[ADDRESS_TEXT_BYTES])
{
	char *at;

	address_format(address, out);
	if (address_is_unix(address))
		for (at = out; *at; at++)
			if (*at <= 0x20 || *at >= 0x7f ||
			    strchr("\"'()\\", *at))
				*at = '?';
	return out;
}

int
address_port(const struct address *address)
{
	struct ip ip = ip_of_address(address);

	return ip.family != 0 ? ip.port : -1;
}

/* Comparing. */

static bool
unix_equal(const struct address *a, const struct address *b)
{
	size_t a_length = 0, b_length = 0;
	const char *a_path = unix_path(a, &a_length);
	const char *b_path = unix_path(b, &b_length);

	/* Sockets without a path cannot be told apart, so are never equal. */
	return a_path && b_path && a_length == b_length &&
	    memcmp(a_path, b_path, a_length) == 0;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	struct ip x = ip_of_address(a), y = ip_of_address(b);

	if (x.family == 0 || y.family == 0)
		return unix_equal(a, b);
	return x.family == y.family && x.port == y.port &&
	    scope_of(a) == scope_of(b) &&
	    memcmp(x.bytes, y.bytes, sizeof(x.bytes)) == 0;
}

struct address_key
address_key_network(struct address_key client)
{
	if (client.bytes[0] == 4)
		client.bytes[4] = 0;
	if (client.bytes[0] == 6)
		client.bytes[7] = client.bytes[8] = 0;
	return client;
}

/* FNV-1a over the key, starting from the seed, then mixed once more. */
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

bool
address_key_equal(struct address_key a, struct address_key b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

struct address_key
address_client_key(const struct address *address)
{
	struct address_key key = { { 0 } };
	struct ip ip = ip_of_address(address);

	if (ip.family == AF_INET) {
		key.bytes[0] = 4;
		memcpy(key.bytes + 1, ip.bytes, 4);
	} else if (ip.family == AF_INET6) {
		key.bytes[0] = 6;
		memcpy(key.bytes + 1, ip.bytes, 8);
	}
	return key;
}
