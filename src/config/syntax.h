/*
 * Checks of a text that libconfig 1.5 does not make: numbers that it would
 * silently cut, includes, comments without an end. For libconfig's own "syntax
 * error" the message shows the line and the usual reason. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SYNTAX_H
#define PRONG_CONFIG_SYNTAX_H

#include <stddef.h>

struct report;

/* Call before libconfig parses the text. -1 after reporting. */
int syntax_check(const char *path, const char *text, size_t length,
    struct report *report);

/* Reports an error of libconfig, with its line and its text. */
void syntax_explain(const char *path, const char *text, int line,
    const char *error, struct report *report);

#endif
