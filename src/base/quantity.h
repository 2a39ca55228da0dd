/*
 * Quantities with units, as the configuration writes them: "64 KiB", "10 s".
 * Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_QUANTITY_H
#define PRONG_BASE_QUANTITY_H

#include <stddef.h>
#include <stdint.h>

#define QUANTITY_MAX_CHARS 32 /* of what the functions below print */

/* Digits, blanks if any, a unit. A size without one is in bytes; a time needs
 * one. 0, or -1, *why then saying what is possible. */
int quantity_parse_size(const char *text, int64_t *bytes, const char **why);
int quantity_parse_time(const char *text, int64_t *ms, const char **why);

/* In the largest unit that gives a whole number. */
void quantity_print_size(char text[QUANTITY_MAX_CHARS], int64_t bytes);
void quantity_print_time(char text[QUANTITY_MAX_CHARS], int64_t ms);

#endif
