/*
 * Opens a file for a handler by its path. When only the sandbox forbids that, a
 * warning names the clause of the configuration.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_FILE_H
#define PRONG_CONNECTION_HANDLER_FILE_H

#include <stdint.h>

struct request;

/* As open(2), with O_CLOEXEC and O_NONBLOCK. */
int handler_file_open(const struct request *request, const char *path,
    int32_t flags);

#endif
