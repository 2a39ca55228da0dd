/*
 * Objects: where plugins are mapped, so that last words can name the file that
 * each was read from. To the dynamic linker they are nameless copies.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_OBJECT_H
#define PRONG_OBJECT_H

#include <stddef.h>
#include <stdint.h>

/* When it is loaded: path is the plugin's, inside an address of its. 0, or -1
 * and errno. */
int object_note(const char *path, const void *inside);

/* The path of the plugin that has the address, and the address as its file has
 * it (for addr2line(1)); NULL when it is none's. Usable in a signal handler. */
const char *object_find(uintptr_t address, size_t *offset);

#endif
