/*
 * Numbers as decimal text. Not snprintf: each connection writes some, and after
 * a fork each page of libc that is touched costs a page fault.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_DECIMAL_H
#define PRONG_BASE_DECIMAL_H

#include <stdint.h>

/* The digits of a number of 64 bits, without NUL. */
#define DECIMAL_DIGITS 20

/* Writes the digits of the number, without NUL; returns their end. */
char *decimal_put(char *out, uint64_t number);

/* Writes the last so many digits, with leading zeros; returns their end. */
char *decimal_put_padded(char *out, int digits, uint64_t number);

#endif
