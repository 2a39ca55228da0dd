/*
 * The page of an error or redirect response that has no other content; clients
 * show that of a redirect when they do not follow it. The page contains no data
 * of the request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_ERRORPAGE_H
#define PRONG_HTTP_ERRORPAGE_H

#include <stddef.h>

#define ERRORPAGE_TYPE "text/html; charset=utf-8"

/*
 * Writes the page into text, cut at size, and returns the length of the whole
 * page, like snprintf. location may be NULL; it becomes a link only when it is
 * a path or an http(s) URI.
 */
size_t errorpage_write(char *text, size_t size, int status,
    const char *location);

/* The same with that sentence, in place of the usual one. */
size_t errorpage_write_advice(char *text, size_t size, int status,
    const char *advice);

#endif
