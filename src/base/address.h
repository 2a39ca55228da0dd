/*
 * Addresses of sockets: reading, writing and comparing them. Addresses are
 * numeric: no name is ever looked up. An IPv4-mapped IPv6 address
 * (::ffff:192.0.2.1) counts as the IPv4 address everywhere.
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

/* Room for "unix:" and the longest path, or "[IPv6]:port"; with NUL. */
#define ADDRESS_TEXT_BYTES 128

/* An address as in bind, accept and getpeername. length 0: no address. */
struct address {
	struct sockaddr_storage storage;
	socklen_t length;
};

/*
 * Reads an address to listen at: "127.0.0.1:80", "[::1]:80", "unix:/path",
 * "[fe80::1%eth0]:80" (RFC 4007 11: a link-local address with its interface), or
 * "0.0.0.0:80" and "[::]:80" for all addresses of a family ("[::]" is IPv6
 * alone, so that both can be listened at). With port 0 the kernel chooses a
 * port. False for a wrong text; *why is then a constant text with the error and
 * the possible addresses, to be printed after the address and a colon.
 */
bool address_parse_listen(const char *text, struct address *address,
    const char **why);

/* Reads text that is a numeric IP address of the family and nothing else. */
bool address_parse_ip(struct slice text, int family, uint16_t port,
    struct address *address);

/* Sets an address from the 4 or 16 octets of an IP address in network order. */
void address_set_ip(struct address *address, int family, const void *octets,
    uint16_t port);

/* Sets the address of a Unix socket. A path has at most 107 octets; with an
 * empty or longer path, the socket has no name. */
void address_set_unix(struct address *address, const char *path, size_t length);

/* Writes "192.0.2.1:80", "[2001:db8::1]:80", "unix:/path", "unix:" for a Unix
 * socket without a name, or "unknown". Returns out. */
const char *address_format(const struct address *address,
    char out[ADDRESS_TEXT_BYTES]);

/* The same for an address to listen at: with the interface of a link-local
 * address. */
const char *address_format_listen(const struct address *address,
    char out[ADDRESS_TEXT_BYTES]);

/* The same for a client, whose socket may have any path: octets that are not
 * printable, spaces, quotes and brackets become "?". So the client is one word in
 * logs, titles and tables. */
const char *address_format_client(const struct address *address,
    char out[ADDRESS_TEXT_BYTES]);

/* Writes the IP address alone; "" for a Unix socket. Returns out. */
const char *address_format_host(const struct address *address,
    char out[ADDRESS_TEXT_BYTES]);

bool address_is_unix(const struct address *address);

/* The port; -1 for a Unix socket. */
int address_port(const struct address *address);

/* Whether two addresses are the same, with port and interface. */
bool address_equal(const struct address *a, const struct address *b);

/* The key of a client in tables of clients: an IPv4 address, the /64 network of
 * an IPv6 address (as one client usually has a /64), or one key for all Unix
 * sockets. */
struct address_key {
	unsigned char bytes[9];
};

bool address_key_equal(struct address_key a, struct address_key b);

struct address_key address_client_key(const struct address *address);

/* The key of the network of a client: the /24 of an IPv4 address, the /48 of an
 * IPv6 address; else the same key. */
struct address_key address_key_network(struct address_key client);

/* A hash of the key, for a hash table. Without the seed a client cannot choose
 * keys that collide. All bits are mixed. */
uint64_t address_key_hash(struct address_key key, uint64_t seed);

#endif
