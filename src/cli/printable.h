/*
 * Octets from elsewhere as printable ASCII. What a server, a log or a handler
 * has written may control a terminal, also by octets beyond ASCII.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_PRINTABLE_H
#define PRONG_CLI_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/* Prints an octet; one that is not printable ASCII as \xHH. */
void printable_put(FILE *to, unsigned char octet);

/* Prints a text without control of the terminal. */
void printable_print(FILE *to, const char *text);

/* Copies a text so, with a NUL, as far as size octets have room. Its length. */
size_t printable_copy(char *to, size_t size, const char *text);

/* Prints a text as a JSON string: characters beyond ASCII as \uXXXX, and octets
 * that are not UTF-8 as U+FFFD (RFC 8259 7). */
void printable_print_json(FILE *to, const char *text);

#endif
