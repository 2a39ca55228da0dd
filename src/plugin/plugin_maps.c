/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_maps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "plugin/symbols.h"

struct map {
	uintptr_t base, begin, end;
	char *path;
	struct symbols_range symbols;
};

static struct map *maps; /* never freed: plugins are never unmapped */
static size_t count;
static const char *volatile expected;

/* Finds the memory that the object's segments span; whether address is in
 * it. */
static bool
spans(const struct dl_phdr_info *info, uintptr_t address, struct map *m)
{
	const ElfW(Phdr) *p = info->dlpi_phdr, *end = p + info->dlpi_phnum;

	*m = (struct map){ .base = info->dlpi_addr, .begin = UINTPTR_MAX };
	for (; p < end; p++) {
		uintptr_t begin = m->base + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		if (begin < m->begin)
			m->begin = begin;
		if (begin + p->p_memsz > m->end)
			m->end = begin + p->p_memsz;
	}
	return m->begin <= address && address < m->end;
}

struct search {
	uintptr_t address;
	struct map found;
};

static int
look(struct dl_phdr_info *info, size_t size, void *search)
{
	struct search *s = search;

	(void)size;
	return spans(info, s->address, &s->found);
}

int
plugin_maps_note(const char *path, const void *inside, int fd)
{
	struct search s = { .address = (uintptr_t)inside };
	struct map *grown;

	if (dl_iterate_phdr(look, &s) == 0) {
		errno = EFAULT;
		return -1;
	}
	s.found.path = strdup(path);
	grown = reallocarray(maps, count + 1, sizeof(*grown));
	if (grown)
		maps = grown;
	if (!grown || !s.found.path) {
		free(s.found.path);
		errno = ENOMEM;
		return -1;
	}
	symbols_read(fd, &s.found.symbols);
	maps[count++] = s.found;
	return 0;
}

/* The kernel names the file, also if a descriptor was executed. */
void
plugin_maps_note_program(void)
{
	static const char self[] = "/proc/self/exe";
	char path[PATH_MAX];
	ssize_t n = readlink(self, path, sizeof(path) - 1);
	int fd = open(self, O_RDONLY | O_CLOEXEC);

	if (n > 0) {
		path[n] = '\0';
		plugin_maps_note(path, (const void *)&maps, fd);
	}
	descriptor_close(fd);
}

void
plugin_maps_expect(const char *path)
{
	expected = path;
}

const char *
plugin_maps_path(const char *name)
{
	static const char copy[] = "/proc/self/fd/";

	return expected && strncmp(name, copy, sizeof(copy) - 1) == 0 ?
	    expected :
	    name;
}

bool
plugin_maps_find(uintptr_t address, struct plugin_place *place)
{
	uint64_t behind = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (address < maps[i].begin || address >= maps[i].end)
			continue;
		place->path = maps[i].path;
		place->offset = address - maps[i].base;
		place->function = symbols_find(&maps[i].symbols, place->offset,
		    &behind);
		place->function_offset = behind;
		return true;
	}
	return false;
}
