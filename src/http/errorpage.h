/*
 * The page of an error or redirect response that has no other content; clients
 * show that of a redirect when they do not follow it. The page contains no data
 * of the request. It is sent with PAGE_TYPE and PAGE_POLICY (page.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_ERRORPAGE_H
#define PRONG_HTTP_ERRORPAGE_H

#include <stddef.h>

/* What the page of 500 says. */
#define ERRORPAGE_FAILED "The server failed to answer. Its log says why."

/* What that of 503 says after a handler that took too long. */
#define ERRORPAGE_TOO_LONG \
	"This took longer than the server allows. Please try again later."

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
