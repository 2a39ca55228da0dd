/* SPDX-License-Identifier: ISC */
#include "base/address_scope.h"

#include <netinet/in.h>
#include <string.h>

#include "base/address.h"

static const struct sockaddr_in *
in4(const struct address *a)
{
	return (const struct sockaddr_in *)(const void *)&a->storage;
}

static const struct in6_addr *
in6(const struct address *a)
{
	return &((const struct sockaddr_in6 *)(const void *)&a->storage)
		    ->sin6_addr;
}

bool
address_scope_is_loopback(const struct address *a)
{
	if (a->storage.ss_family == AF_INET)
		return ntohl(in4(a)->sin_addr.s_addr) >> 24 == 127;
	return a->storage.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(in6(a));
}

bool
address_scope_is_any(const struct address *a)
{
	if (a->storage.ss_family == AF_INET)
		return in4(a)->sin_addr.s_addr == htonl(INADDR_ANY);
	return a->storage.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(in6(a));
}

bool
address_scope_overlaps(const struct address *a, const struct address *b)
{
	int port = address_port(a);

	if (port <= 0 || port != address_port(b))
		return false;
	if (a->storage.ss_family != b->storage.ss_family)
		return a->storage.ss_family == AF_INET6 &&
		    address_scope_is_any(a);
	return address_scope_is_any(a) || address_scope_is_any(b) ||
	    address_equal(a, b);
}
