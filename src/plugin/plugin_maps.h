/*
 * Plugin maps: the addresses at which plugins are mapped, with the file of
 * each, for the crash handler. The dynamic linker knows only nameless copies.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_MAPS_H
#define PRONG_PLUGIN_PLUGIN_MAPS_H

#include <stddef.h>
#include <stdint.h>

/* Notes a plugin that was loaded: its path, and an address inside it. 0, or -1
 * and errno. */
int plugin_maps_note(const char *path, const void *inside);

/* The path of the plugin that has the address; *offset becomes the address in
 * the plugin's file (for addr2line(1)). NULL when no plugin has the address.
 * Usable in a signal handler. */
const char *plugin_maps_find(uintptr_t address, size_t *offset);

#endif
