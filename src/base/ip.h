/*
 * An IP address alone, without a socket's structure around it, for address.c
 * and prefix.c to compare. An IPv6 address that carries an IPv4 one is that
 * IPv4 address.
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
	in_port_t port;		 /* host's byte order */
};

/* Family 0 for a Unix socket, and for an address of length 0. */
struct ip ip_of_address(const struct address *address);

/* Makes ::ffff:192.0.2.1 that IPv4 address. */
void ip_unmap(struct ip *ip);

/* Reads a numeric address of that family and nothing else; 4 or 16 bytes in the
 * network's order. */
bool ip_parse(struct slice text, int family, unsigned char bytes[16]);

#endif
