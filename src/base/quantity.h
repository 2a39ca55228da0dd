/*
 * Quantities with units, as the configuration writes them: "64 KiB", "10 s".
 * Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_QUANTITY_H
#define PRONG_BASE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUANTITY_MAX_CHARS 32 /* of a printed quantity */

/* Reads digits, optional blanks and a unit. A size without a unit is in bytes;
 * a time needs a unit. 0, or -1: *why is then a text with the possible ones. */
int quantity_parse_size(const char *text, int64_t *bytes, const char **why);
int quantity_parse_time(const char *text, int64_t *ms, const char **why);

/* What a text that could not be read may mean: "10 MiB" for "10M", "5 s" for "5".
 * False: nothing is likely. */
bool quantity_meant_size(const char *text, char meant[QUANTITY_MAX_CHARS]);
bool quantity_meant_time(const char *text, char meant[QUANTITY_MAX_CHARS]);

/* Writes the value in the largest unit that gives a whole number. */
void quantity_print_size(char text[QUANTITY_MAX_CHARS], int64_t bytes);
void quantity_print_time(char text[QUANTITY_MAX_CHARS], int64_t ms);

#endif
