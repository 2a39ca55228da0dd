/*
 * Content negotiation (RFC 9110 12.5): the weight of a media type or a content
 * coding in the lists of Accept and Accept-Encoding. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef NEGOTIATE_H
#define NEGOTIATE_H

#include <stdbool.h>

/*
 * Weights are thousandths, from 0 ("not acceptable") to 1000. A malformed
 * weight counts as 0. NULL stands for an absent field.
 */
#define NEGOTIATE_UNNAMED (-1)

/* The weight of a coding in Accept-Encoding, by its name or by "*";
 * NEGOTIATE_UNNAMED when the field has neither. */
int negotiate_coding(const char *accept_encoding, const char *coding);

/* The weight of a media type in Accept, which may be NULL, by the most specific
 * range (RFC 9110 12.5.1); NEGOTIATE_UNNAMED when no range contains it.
 * *exactly: whether that range is the type itself. */
int negotiate_media(const char *accept, const char *type, bool *exactly);

/*
 * Whether Accept prefers application/json to the default representation of the
 * type given ("text/html"). At the same weight a client that names
 * application/json gets it: such a client is a program, as browsers do not name
 * it.
 */
bool negotiate_json(const char *accept, const char *type);

#endif
