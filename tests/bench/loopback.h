/*
 * Addresses that a load may be aimed at: on this machine and nowhere else.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_LOOPBACK_H
#define BENCH_LOOPBACK_H

#include <stdbool.h>
#include <sys/socket.h>

struct loopback {
	struct sockaddr_storage storage;
	socklen_t length;
};

/* Reads 127.0.0.1:80 (any of 127.0.0.0/8), [::1]:80 or unix:/path. */
bool loopback_parse(const char *text, struct loopback *address);

/* A socket that does not block and has a connection, or soon will: -1 and errno
 * otherwise. The buffer for what comes in is the kernel's to choose, or has
 * that many octets. */
int loopback_connect(const struct loopback *address, int buffer_bytes);

#endif
