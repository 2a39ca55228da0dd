/*
 * The terminal of prong top: keys arrive one by one, and the picture is on a screen of
 * its own. What was there before comes back at the end, also by a signal, and while
 * prong is stopped.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_TERMINAL_H
#define PRONG_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum terminal_event {
	TERMINAL_TIME,	 /* the time is over */
	TERMINAL_KEY,	 /* *key */
	TERMINAL_CHANGE, /* the picture has to be made again */
	TERMINAL_END	 /* by a signal, or there is no terminal any more */
};

#define TERMINAL_ENTER	'\n'
#define TERMINAL_ESCAPE '\033'
#define TERMINAL_ERASE	'\177'

/* Takes over the terminal of standard input and output. False: it is none. */
bool terminal_open(void);
void terminal_close(void);

/* The size; of COLUMNS and LINES, or 80 by 24, if there is no terminal. */
void terminal_size(unsigned *columns, unsigned *rows);

/* Waits until that time of clock_ms. */
enum terminal_event terminal_wait(int64_t until_ms, char *key);

#endif
