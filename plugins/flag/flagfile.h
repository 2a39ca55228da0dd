/*
 * The flag file: opened by its path, read and closed at each request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef FLAGFILE_H
#define FLAGFILE_H

#include <stddef.h>

struct prong_request;

/*
 * Reads the file at path, of max_bytes at most, into memory of the request's,
 * with a NUL behind; *length has the octets. Writing it with ">" empties it
 * first, so a file found empty is read again for a little while. NULL, and *why
 * then says what is the matter.
 */
char *flagfile_read(struct prong_request *request, const char *path,
    size_t max_bytes, size_t *length, const char **why);

#endif
