/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_maps.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct map {
	uintptr_t base, begin, end;
	char *path;
};

static struct map *maps; /* never freed: plugins are never unmapped */
static size_t count;

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
plugin_maps_note(const char *path, const void *inside)
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
	maps[count++] = s.found;
	return 0;
}

const char *
plugin_maps_find(uintptr_t address, size_t *offset)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (address < maps[i].begin || address >= maps[i].end)
			continue;
		*offset = address - maps[i].base;
		return maps[i].path;
	}
	return NULL;
}
