/*
 * Plugin ELF: whether a file is a whole shared object for this machine. The
 * dynamic linker maps a file that is cut short, and crashes in it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_ELF_H
#define PRONG_PLUGIN_PLUGIN_ELF_H

#include <stdbool.h>
#include <stddef.h>

#define PLUGIN_ELF_TEXT_BYTES 160

/* Looks at the headers of a plugin's copy. False: text says what was found, and
 * what is possible; it follows the file's name and "which". */
bool plugin_elf_check(int fd, char text[PLUGIN_ELF_TEXT_BYTES]);

#endif
