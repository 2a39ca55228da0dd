/*
 * Copies of test inputs that end at an unreadable page, so that a parser that
 * looks one octet too far dies of it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef GUARD_H
#define GUARD_H

#include <stddef.h>

#include "base/slice.h"

/* The most that one copy can hold, and how many live at a time: the copy made
 * GUARD_COPIES calls ago is overwritten. */
#define GUARD_MAX_BYTES (64 * 1024)
#define GUARD_COPIES	4

char *guard_copy(const char *bytes, size_t length);

struct slice guard_slice(const char *bytes, size_t length);

/* Of a string, without its NUL. */
struct slice guard_text(const char *text);

/* Room for length octets, likewise. */
char *guard_room(size_t length);

#endif
