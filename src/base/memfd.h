/*
 * Sealed copies in memory: a copy of a file stays the same when the file
 * changes, and no process with its descriptor can change the copy.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_MEMFD_H
#define PRONG_BASE_MEMFD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* Copies the octets of from, to its end; the name is only seen in /proc.
 * Returns a close-on-exec descriptor, or -1 and errno: EFBIG above
 * max_bytes. */
int memfd_copy(const char *name, int from, size_t max_bytes);

/* The same for a text in memory. */
int memfd_from_text(const char *name, const char *text, size_t length);

/* The same for count pieces, one after the other. */
int memfd_from_pieces(const char *name, const struct iovec *pieces,
    size_t count);

/* Whether the descriptor is that of a sealed copy. Nothing of another file is
 * touched, so this never waits; nor does a read or the close of a copy. */
bool memfd_is_sealed(int fd);

/* Reads the first octets of a copy. 0, or -1 and errno: EIO if it is shorter. */
int memfd_read(int fd, char *data, size_t length);

/* The whole text of a memfd or file, with a NUL at the end, to be freed by the
 * caller. NULL and errno. */
char *memfd_read_text(int fd, size_t max_bytes, size_t *length);

#endif
