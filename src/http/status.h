/* SPDX-License-Identifier: ISC */
#ifndef PRONG_HTTP_STATUS_H
#define PRONG_HTTP_STATUS_H

#include <stdbool.h>

/* The reason phrase of a status as registered with IANA; for any other that
 * of its class (RFC 9110 15). Never NULL. */
const char *status_reason(int status);

/* Whether responses of that status never have content (RFC 9110 6.4.1). */
bool status_has_no_content(int status);

/* Whether a page made by the server says more than nothing: errors, and
 * redirects for people whose client does not follow. */
bool status_wants_page(int status);

#endif
