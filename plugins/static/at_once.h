/*
 * Reads that do not wait: where other clients would wait, too, octets are read if
 * they are in memory.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef AT_ONCE_H
#define AT_ONCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct prong_request;

/* pread(2), but EAGAIN in place of a wait for a disk if the request can move to a
 * process of its own, and the file system can tell. Then fewer octets may be read
 * than there are, too. */
ssize_t at_once_read(struct prong_request *request, int fd, void *data,
    size_t size, uint64_t offset);

#endif
