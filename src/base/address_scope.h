/*
 * Which clients an address to listen at is for: this machine alone, or all; and
 * which sockets cannot stand beside each other.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_ADDRESS_SCOPE_H
#define PRONG_BASE_ADDRESS_SCOPE_H

#include <stdbool.h>

struct address;

/* Whether only this machine can connect: 127.0.0.0/8 and ::1 (RFC 6890). */
bool address_scope_is_loopback(const struct address *address);

/* Whether it stands for all addresses of its family: 0.0.0.0 or [::]. */
bool address_scope_is_any(const struct address *address);

/* Whether the kernel refuses to bind b while another socket listens at a. They
 * have one port that is not 0, and one address, or one of them is for all
 * addresses of that family. A socket at [::] may also be for IPv4. */
bool address_scope_overlaps(const struct address *a, const struct address *b);

#endif
