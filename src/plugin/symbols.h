/*
 * Symbols: the names of the functions in plugins, for backtraces. They are read
 * once, when the plugins are loaded, since a connection can open no file after a
 * crash. All of them are in one mapping of a sealed memfd: a fork copies neither
 * its pages nor their tables, and no handler can change it for others.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_SYMBOLS_H
#define PRONG_PLUGIN_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/* The functions of one file. */
struct symbols_range {
	size_t first, count;
};

/* Adds the functions of an ELF file: those of its whole table of symbols, or, if
 * it was stripped, those that it exports. Without symbols, beyond the limits and
 * after symbols_seal the range is empty. */
void symbols_read(int fd, struct symbols_range *range);

/* Moves what was read into its mapping. Without memory nothing has a name. */
void symbols_seal(void);

/* The function at that address of the file, and how far behind its begin the
 * address is. NULL: unknown. Usable in a signal handler. */
const char *symbols_find(const struct symbols_range *range, uint64_t address,
    uint64_t *offset);

#endif
