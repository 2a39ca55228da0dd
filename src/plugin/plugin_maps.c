/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_maps.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct object {
	uintptr_t base, begin, end;
	char *path;
};

static struct object *objects; /* never freed, as they stay mapped */
static size_t count;

/* The memory that its segments span, when address is in there. */
static bool
spans(const struct dl_phdr_info *info, uintptr_t address, struct object *o)
{
	const ElfW(Phdr) *p = info->dlpi_phdr, *end = p + info->dlpi_phnum;

	*o = (struct object){ .base = info->dlpi_addr, .begin = UINTPTR_MAX };
	for (; p < end; p++) {
		uintptr_t begin = o->base + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		if (begin < o->begin)
			o->begin = begin;
		if (begin + p->p_memsz > o->end)
			o->end = begin + p->p_memsz;
	}
	return o->begin <= address && address < o->end;
}

struct search {
	uintptr_t address;
	struct object found;
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
	struct object *grown;

	if (dl_iterate_phdr(look, &s) == 0) {
		errno = EFAULT;
		return -1;
	}
	s.found.path = strdup(path);
	grown = reallocarray(objects, count + 1, sizeof(*grown));
	if (grown)
		objects = grown;
	if (!grown || !s.found.path) {
		free(s.found.path);
		errno = ENOMEM;
		return -1;
	}
	objects[count++] = s.found;
	return 0;
}

const char *
plugin_maps_find(uintptr_t address, size_t *offset)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (address < objects[i].begin || address >= objects[i].end)
			continue;
		*offset = address - objects[i].base;
		return objects[i].path;
	}
	return NULL;
}
