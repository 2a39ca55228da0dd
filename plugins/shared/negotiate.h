/*
 * Content negotiation (RFC 9110 12.5): how much a client likes a media type or
 * a content coding. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef NEGOTIATE_H
#define NEGOTIATE_H

#include <stdbool.h>

/*
 * Weights are thousandths: 0 is "not acceptable", 1000 the most wanted. A
 * weight that is malformed counts as 0, a field that is absent is NULL.
 */
#define NEGOTIATE_UNNAMED (-1)

/* The weight that Accept-Encoding gives a coding, by its name or by "*";
 * NEGOTIATE_UNNAMED when it has neither. */
int negotiate_coding(const char *accept_encoding, const char *coding);

/*
 * Whether Accept asks for application/json rather than for what is sent by
 * default, of the type given ("text/html"). Who names application/json is a
 * program, even when it likes the other as much; a browser never does.
 */
bool negotiate_json(const char *accept, const char *type);

#endif
