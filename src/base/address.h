/*
 * Addresses of sockets, as text and compared. Numeric only: no name is ever
 * looked up. An IPv6 address that carries an IPv4 one (::ffff:192.0.2.1) counts
 * as that IPv4 address throughout.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_ADDRESS_H
#define PRONG_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/slice.h"

/* Enough for "unix:" and the longest path, or "[IPv6]:port"; with NUL. */
#define ADDRESS_TEXT_BYTES 128

/* As bind, accept and getpeername have it. length 0: none. */
struct address {
	struct sockaddr_storage storage;
	socklen_t length;
};

/*
 * Reads an address to listen at: "127.0.0.1:80", "[::1]:80", "0.0.0.0:80" and
 * "[::]:80" for all addresses of a family (meant as IPv6 alone, so that both
 * can be listened at), "unix:/path". Port 0 lets the kernel choose. False when
 * it is none; *why then says what is wrong and what is possible, in constant
 * text to put after the address and a colon.
 */
bool address_parse_listen(const char *text, struct address *address,
    const char **why);

/* Reads a numeric IP address of that family and nothing else. */
bool address_parse_ip(struct slice text, int family, uint16_t port,
    struct address *address);

/* From the octets of an IP address, 4 or 16, as the network has them. */
void address_set_ip(struct address *address, int family, const void *octets,
    uint16_t port);

/* A Unix socket's, of a path of at most 107 octets; a longer one is left out,
 * and none makes a socket without a name. */
void address_set_unix(struct address *address, const char *path, size_t length);

/* Writes "192.0.2.1:80", "[2001:db8::1]:80", "unix:/path", "unix:" for a socket
 * without a name, or "unknown". Returns out. */
const char *address_format(const struct address *address,
    char out[ADDRESS_TEXT_BYTES]);

/* Writes the IP address alone; "" for a Unix socket. Returns out. */
const char *address_format_host(const struct address *address,
    char out[ADDRESS_TEXT_BYTES]);

bool address_is_unix(const struct address *address);

/* -1 for a Unix socket. */
int address_port(const struct address *address);

/* The same address, port included. */
bool address_equal(const struct address *a, const struct address *b);

/* Who a client is, for tables of clients: an IPv4 address, the /64 of an IPv6
 * one (which is what one client has at its disposal), or Unix as a whole.
 * Compare with memcmp. */
struct address_key {
	unsigned char bytes[9];
};

struct address_key address_client_key(const struct address *address);

/* For a place in such a table: nobody who does not know the seed can choose
 * keys that share one. All bits are mixed. */
uint64_t address_key_hash(struct address_key key, uint64_t seed);

#endif
