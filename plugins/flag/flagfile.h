/*
 * The flag file: opened by its path, read and closed at each request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef FLAGFILE_H
#define FLAGFILE_H

#include <sys/types.h>

#include <stddef.h>
#include <time.h>

struct prong_request;

/* The state of the handler: the file that has stayed empty. All zero: none. */
struct flagfile_empty {
	dev_t dev;
	ino_t ino;
	struct timespec changed; /* ctime */
};

/*
 * Reads the file at path, of at most max_bytes, into memory of the request.
 * *length is the number of octets; a NUL follows them. A shell that writes with
 * ">" empties the file first, so an empty file is read again for up to 63 ms,
 * unless it has stayed empty for an earlier request of this process.
 * On failure NULL and the reason in *why.
 */
char *flagfile_read(struct prong_request *request, const char *path,
    size_t max_bytes, size_t *length, const char **why);

#endif
