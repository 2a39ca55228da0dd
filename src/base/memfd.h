/*
 * Sealed copies in memory: what was read once stays as it was read, whatever
 * becomes of the file, and no process that is handed the descriptor can change
 * it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_MEMFD_H
#define PRONG_BASE_MEMFD_H

#include <stddef.h>

/* Copies what from holds, to its end; the name is only seen in /proc. Returns
 * a close-on-exec descriptor, or -1 and errno: EFBIG above max_bytes. */
int memfd_copy(const char *name, int from, size_t max_bytes);

/* The same for what is in memory already. */
int memfd_from_text(const char *name, const char *text, size_t length);

/* All that a memfd or file holds, with a NUL behind, to be freed; NULL and
 * errno. */
char *memfd_read_text(int fd, size_t max_bytes, size_t *length);

#endif
