/*
 * Objects: where plugins are mapped, so that last words can name the file that
 * each was read from. To the dynamic linker they are nameless copies.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_MAPS_H
#define PRONG_PLUGIN_PLUGIN_MAPS_H

#include <stddef.h>
#include <stdint.h>

/* When it is loaded: path is the plugin's, inside an address of its. 0, or -1
 * and errno. */
int plugin_maps_note(const char *path, const void *inside);

/* The path of the plugin that has the address, and the address as its file has
 * it (for addr2line(1)); NULL when it is none's. Usable in a signal handler. */
const char *plugin_maps_find(uintptr_t address, size_t *offset);

#endif
