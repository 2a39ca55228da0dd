/*
 * A file that a handler opens by its path; and where the sandbox alone keeps it
 * from that, a warning that tells the administrator which clause does.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_FILE_H
#define PRONG_CONNECTION_HANDLER_FILE_H

#include <stdint.h>

struct request;

/* As open(2), close-on-exec and not blocking. */
int handler_file_open(const struct request *request, const char *path,
    int32_t flags);

#endif
