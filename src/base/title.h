/*
 * The title of a process, as ps shows it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_TITLE_H
#define PRONG_BASE_TITLE_H

/* The longest title. The master gives a generation an argument as long. */
#define TITLE_MAX_BYTES 96

/* Stores the place of the arguments; call it before the first title_set. */
void title_init(int argc, char *argv[]);

/* Writes "prongd: " and text over the arguments, cut to their length. */
void title_set(const char *text);

#endif
