/*
 * An IP address without a socket's structure, for address.c and prefix.c. An
 * IPv4-mapped IPv6 address becomes the IPv4 address.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_IP_H
#define PRONG_BASE_IP_H

#include <netinet/in.h>
#include <stdbool.h>

#include "base/slice.h"

struct address;

struct ip {
	int family;		 /* AF_INET, AF_INET6; 0: none */
	unsigned char bytes[16]; /* 4 of them for AF_INET */
	in_port_t port;		 /* in host byte order */
};

/* Family 0 for a Unix socket, and for an address of length 0. */
struct ip ip_of_address(const struct address *address);

/* Turns ::ffff:192.0.2.1 into 192.0.2.1. */
void ip_unmap(struct ip *ip);

/* Reads text that is a numeric address of the family and nothing else. bytes
 * becomes 4 or 16 bytes in network order. */
bool ip_parse(struct slice text, int family, unsigned char bytes[16]);

#endif
