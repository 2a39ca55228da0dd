/*
 * A user to become, as the lines "identity" and "group" of a manifest have it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_IDENTITY_LINE_H
#define PRONG_HANDOVER_IDENTITY_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/identity.h"

#define IDENTITY_LINE_BYTES 192

/* The value of the line: "UID GID BY-DEFAULT NAME". Returns text. */
const char *identity_line_format(const struct identity *identity,
    char text[IDENTITY_LINE_BYTES]);

/* Parses such a value; adds a supplementary group, each of which has a line of
 * its own. False: the value is wrong, or there is no room. */
bool identity_line_parse(struct identity *identity, const char *value);
bool identity_line_add_group(struct identity *identity, int64_t gid);

#endif
