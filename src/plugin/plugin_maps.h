/*
 * Plugin maps: the addresses at which plugins are mapped, with the file of
 * each, for backtraces. The dynamic linker knows only nameless copies.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_MAPS_H
#define PRONG_PLUGIN_PLUGIN_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Notes a plugin that was loaded: its path, an address inside it, and its file, of
 * which the names of functions are read. 0, or -1 and errno. */
int plugin_maps_note(const char *path, const void *inside, int fd);

/* The same for prongd itself, whose name would be its title otherwise. */
void plugin_maps_note_program(void);

/* The plugin that is being loaded from a copy, and that has no place yet; NULL: none
 * is. The path is borrowed. */
void plugin_maps_expect(const char *path);

/* The path of a file that the dynamic linker knows by that name. */
const char *plugin_maps_path(const char *name);

struct plugin_place {
	const char *path;
	size_t offset;	      /* the address in the file, for addr2line(1) */
	const char *function; /* NULL: unknown */
	size_t function_offset;
};

/* Finds the plugin that has the address. False: none has. Usable in a signal
 * handler. */
bool plugin_maps_find(uintptr_t address, struct plugin_place *place);

#endif
