/*
 * What libconfig 1.5 lets pass or leaves unexplained in a text: numbers that it
 * would cut without a word, includes, comments without an end; and for its own
 * "syntax error" what stands there and what usually is the reason. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_SYNTAX_H
#define PRONG_CONFIG_SYNTAX_H

#include <stddef.h>

struct report;

/* Before libconfig parses: -1 after reporting. */
int syntax_check(const char *path, const char *text, size_t length,
    struct report *report);

/* After it has failed at that line with that text. */
void syntax_explain(const char *path, const char *text, int line,
    const char *error, struct report *report);

#endif
