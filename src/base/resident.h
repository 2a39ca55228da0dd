/*
 * Whether octets of a file are in memory (the page cache), so that a read of them
 * does not wait for a disk. The answer can be out of date a moment later.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_RESIDENT_H
#define PRONG_BASE_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the first or the last octet of a range is known not to be in memory.
 * False as well where the file system cannot tell. A page that is absent begins to
 * be read, as the kernel sees fit. length > 0. */
bool resident_lacks(int fd, uint64_t offset, uint64_t length);

/* Asks the kernel to read a range into memory. Waits for no octet of it. */
void resident_want(int fd, uint64_t offset, uint64_t length);

#endif
