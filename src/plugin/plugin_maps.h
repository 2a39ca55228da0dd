/*
 * Plugin maps: where plugins are mapped, so that the crash handler can name the
 * file that each was read from. To the dynamic linker they are nameless copies.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_MAPS_H
#define PRONG_PLUGIN_PLUGIN_MAPS_H

#include <stddef.h>
#include <stdint.h>

/* When a plugin is loaded: its path, and an address inside it. 0, or -1 and
 * errno. */
int plugin_maps_note(const char *path, const void *inside);

/* The path of the plugin that has the address; *offset becomes the address as
 * the plugin's file has it (for addr2line(1)). NULL when no plugin has it.
 * Usable in a signal handler. */
const char *plugin_maps_find(uintptr_t address, size_t *offset);

#endif
