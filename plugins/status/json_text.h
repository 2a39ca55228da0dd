/*
 * A member of a JSON object whose value is a text.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_JSON_TEXT_H
#define STATUS_JSON_TEXT_H

struct prong_request;

/* Appends a comma and the member; the text may have any octets. The name is not
 * escaped. 0, or -1 when the client has gone. */
int json_text(struct prong_request *request, const char *name,
    const char *text);

#endif
