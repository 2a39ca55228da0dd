/*
 * A picture of lines for a terminal or a file: each line is cut at the width, and
 * octets that could control the terminal are made printable. On a terminal each
 * picture takes the place of the one before.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_SCREEN_H
#define PRONG_CLI_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

enum screen_style {
	SCREEN_PLAIN,
	SCREEN_FAINT,
	SCREEN_BOLD,
	SCREEN_REVERSE,
	SCREEN_GOOD,
	SCREEN_WARN,
	SCREEN_BAD
};

struct screen {
	FILE *to;
	bool is_terminal; /* pictures replace each other */
	bool has_colours;
	unsigned columns, rows; /* rows 0: as many as there are lines */
	/* Of the picture. */
	unsigned column, row;
};

/* Whether text on standard output may have colours: on a terminal that is none of
 * few abilities (TERM=dumb), unless NO_COLOR is set (https://no-color.org). */
bool screen_may_have_colours(void);

void screen_begin(struct screen *screen);
void screen_end(struct screen *screen);

/* Puts text into the line, up to the width. */
void screen_put(struct screen *screen, enum screen_style style,
    const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));

/* Puts text into that many columns: negative, to their right end. What is too long
 * is cut, and ends in "~". */
void screen_put_field(struct screen *screen, enum screen_style style, int width,
    const char *text);

/* Ends the line. */
void screen_break(struct screen *screen);

/* The rest of the width. */
unsigned screen_left(const struct screen *screen);

/* Lines that still fit; many where rows is 0. */
unsigned screen_rows_left(const struct screen *screen);

#endif
