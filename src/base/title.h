/*
 * The title of a process, as ps shows it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_TITLE_H
#define PRONG_BASE_TITLE_H

/* How long a title can be: the master leaves a generation that much room. */
#define TITLE_MAX_BYTES 96

/* Remembers where the arguments lie; before the first title_set. */
void title_init(int argc, char *argv[]);

/* "prongd: " and text, in place of the arguments; cut to their room. */
void title_set(const char *text);

#endif
