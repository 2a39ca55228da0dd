/* SPDX-License-Identifier: ISC */
#ifndef PRONG_HTTP_STATUS_H
#define PRONG_HTTP_STATUS_H

#include <stdbool.h>

/* The reason phrase of a status that is registered with IANA; for other ones
 * the phrase of their class (RFC 9110 15). Never NULL. */
const char *status_reason(int status);

/* Whether responses of that status never have content (RFC 9110 6.4.1). */
bool status_has_no_content(int status);

/* Whether a response of that status gets a page of the server when it has no
 * content: errors, and redirects for clients that do not follow them. */
bool status_wants_page(int status);

#endif
