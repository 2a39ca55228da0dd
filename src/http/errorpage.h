/*
 * The page of a response that has no other: an error, or a redirect for people
 * whose client does not follow it. It tells nothing of the request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_ERRORPAGE_H
#define PRONG_HTTP_ERRORPAGE_H

#include <stddef.h>

#define ERRORPAGE_TYPE "text/html; charset=utf-8"

/*
 * Writes the page into text and returns its length, that of the whole page
 * also when it was cut at size (as snprintf). location may be NULL; only one
 * that is a path or an http(s) URI becomes a link.
 */
size_t errorpage_write(char *text, size_t size, int status,
    const char *location);

#endif
