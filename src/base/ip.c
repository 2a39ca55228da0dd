/*
 * An IP address alone. See ip.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/ip.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/address.h"

void
ip_unmap(struct ip *ip)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (ip->family != AF_INET6 ||
	    memcmp(ip->bytes, mapped, sizeof(mapped)) != 0)
		return;
	ip->family = AF_INET;
	memmove(ip->bytes, ip->bytes + 12, 4);
	memset(ip->bytes + 4, 0, 12);
}

struct ip
ip_of_address(const struct address *address)
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
		ip_unmap(&ip);
	}
	return ip;
}

/* Copies the text, as inet_pton needs a NUL at the end. */
bool
ip_parse(struct slice text, int family, unsigned char bytes[16])
{
	char buffer[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(buffer))
		return false;
	memcpy(buffer, text.data, text.len);
	buffer[text.len] = '\0';
	return inet_pton(family, buffer, bytes) == 1;
}
