/* SPDX-License-Identifier: ISC */
#include "plugin/symbols.h"

#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memfd.h"

#define FUNCTIONS_MAX	((size_t)1 << 18) /* of all files */
#define NAMES_MAX_BYTES ((size_t)16 << 20)

struct function {
	uint64_t begin, end; /* addresses in the file */
	size_t name;	     /* where it begins among the names */
};

/* On the heap until symbols_seal, then in the mapping. */
static struct function *functions;
static char *names;
static size_t function_count, names_bytes;
static bool is_sealed;

/* A file in memory; what lies outside is not read. */
struct file {
	const char *octets;
	uint64_t bytes;
};

static const void *
part(const struct file *f, uint64_t offset, uint64_t bytes)
{
	return offset <= f->bytes && bytes <= f->bytes - offset ?
	    f->octets + offset :
	    NULL;
}

/* Section of that type; NULL: none. */
static const ElfW(Shdr) *
    find_section(const struct file *f, const ElfW(Ehdr) * header, uint32_t type)
{
	const ElfW(Shdr) *sections = part(f, header->e_shoff,
	    (uint64_t)header->e_shnum * sizeof(*sections));
	unsigned i;

	for (i = 0; sections && i < header->e_shnum; i++)
		if (sections[i].sh_type == type)
			return &sections[i];
	return NULL;
}

static bool
add(const ElfW(Sym) * symbol, const char *name)
{
	size_t bytes = strlen(name) + 1;

	if (function_count == FUNCTIONS_MAX ||
	    bytes > NAMES_MAX_BYTES - names_bytes)
		return false;
	memcpy(names + names_bytes, name, bytes);
	functions[function_count++] = (struct function){ symbol->st_value,
		symbol->st_value + symbol->st_size, names_bytes };
	names_bytes += bytes;
	return true;
}

/* Makes room for all that the file can have. */
static bool
make_room(size_t count, size_t bytes)
{
	struct function *f = reallocarray(functions, function_count + count + 1,
	    sizeof(*f));
	char *n;

	if (f)
		functions = f;
	n = realloc(names, names_bytes + bytes + 1);
	if (n)
		names = n;
	return f && n;
}

/* Adds the functions of one table. */
static void
read_table(const struct file *f, const ElfW(Ehdr) * header,
    const ElfW(Shdr) * table)
{
	const ElfW(Shdr) *strings = part(f,
	    header->e_shoff + (uint64_t)table->sh_link * sizeof(*strings),
	    sizeof(*strings));
	const ElfW(Sym) *symbols = part(f, table->sh_offset, table->sh_size);
	const char *text = !strings ?
	    NULL :
	    part(f, strings->sh_offset, strings->sh_size);
	size_t count = table->sh_size / sizeof(*symbols), i;

	/* The names end within the section if its last octet is NUL. */
	if (!symbols || !text || strings->sh_size == 0 ||
	    text[strings->sh_size - 1] != '\0' || count > FUNCTIONS_MAX ||
	    strings->sh_size > NAMES_MAX_BYTES ||
	    !make_room(count, 2 * strings->sh_size))
		return;
	for (i = 0; i < count; i++)
		if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC &&
		    symbols[i].st_shndx != SHN_UNDEF &&
		    symbols[i].st_size > 0 &&
		    symbols[i].st_name < strings->sh_size &&
		    !add(&symbols[i], text + symbols[i].st_name))
			return;
}

static void
read_file(const struct file *f)
{
	const ElfW(Ehdr) *header = part(f, 0, sizeof(*header));
	const ElfW(Shdr) *table = NULL;

	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_shentsize != sizeof(ElfW(Shdr)))
		return;
	table = find_section(f, header, SHT_SYMTAB);
	if (!table)
		table = find_section(f, header, SHT_DYNSYM);
	if (table)
		read_table(f, header, table);
}

void
symbols_read(int fd, struct symbols_range *range)
{
	struct stat st;
	void *map;

	*range = (struct symbols_range){ function_count, 0 };
	if (is_sealed || fstat(fd, &st) < 0 || st.st_size <= 0)
		return;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return;
	read_file(&(struct file){ map, (uint64_t)st.st_size });
	munmap(map, (size_t)st.st_size);
	range->count = function_count - range->first;
}

/* Both tables, one behind the other, in a memfd; NULL: there is no memory. */
static char *
map_sealed(size_t table_bytes)
{
	char *all = malloc(table_bytes + names_bytes), *map = MAP_FAILED;
	int fd;

	if (!all)
		return NULL;
	memcpy(all, functions, table_bytes);
	memcpy(all + table_bytes, names, names_bytes);
	fd = memfd_from_text("prong-symbols", all, table_bytes + names_bytes);
	free(all);
	if (fd >= 0) {
		map = mmap(NULL, table_bytes + names_bytes, PROT_READ,
		    MAP_PRIVATE, fd, 0);
		close(fd);
	}
	return map == MAP_FAILED ? NULL : map;
}

void
symbols_seal(void)
{
	size_t table_bytes = function_count * sizeof(*functions);
	char *map = NULL;

	if (is_sealed || function_count == 0)
		return;
	map = map_sealed(table_bytes);
	free(functions);
	free(names);
	is_sealed = true;
	functions = (void *)map;
	names = map ? map + table_bytes : NULL;
	if (!map)
		function_count = 0;
}

const char *
symbols_find(const struct symbols_range *range, uint64_t address,
    uint64_t *offset)
{
	size_t i;

	for (i = range->first;
	     i < range->first + range->count && i < function_count; i++) {
		const struct function *f = &functions[i];

		if (address < f->begin || address >= f->end)
			continue;
		*offset = address - f->begin;
		return names + f->name;
	}
	return NULL;
}
