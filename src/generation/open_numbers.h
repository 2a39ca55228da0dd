/*
 * The numbers of the descriptors that are open in the generation: the highest
 * one. A process that has dropped privileges may not read its own /proc/self/fd,
 * but may be told the size of the kernel's table.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_OPEN_NUMBERS_H
#define PRONG_GENERATION_OPEN_NUMBERS_H

/* Called before the sandbox forbids to open it; -1: there is none. */
int open_numbers_begin(void);

/* The highest number that is open. Closes table, which open_numbers_begin has
 * returned. */
int open_numbers_highest(int table);

#endif
