/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_elf.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The linker defines it: the header of prongd itself. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((__visibility__("hidden")));

static const char *
machine_name(unsigned machine)
{
	switch (machine) {
	case EM_X86_64:
		return "x86-64";
	case EM_386:
		return "x86 of 32 bits";
	case EM_AARCH64:
		return "aarch64";
	case EM_ARM:
		return "arm";
	case EM_RISCV:
		return "riscv";
	case EM_PPC64:
		return "ppc64";
	case EM_S390:
		return "s390";
	case EM_LOONGARCH:
		return "loongarch";
	default:
		return "another machine";
	}
}

/* Whether the header is that of a shared object which prongd could map. */
static bool
suits(const ElfW(Ehdr) * header, char text[PLUGIN_ELF_TEXT_BYTES])
{
	const ElfW(Ehdr) *own = &__ehdr_start;

	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
		snprintf(text, PLUGIN_ELF_TEXT_BYTES,
		    "is no ELF file; possible: a shared object");
	} else if (header->e_ident[EI_CLASS] != own->e_ident[EI_CLASS] ||
	    header->e_ident[EI_DATA] != own->e_ident[EI_DATA] ||
	    header->e_machine != own->e_machine) {
		/* The place of the machine is the same in all classes. */
		snprintf(text, PLUGIN_ELF_TEXT_BYTES,
		    "is built for %s; possible: %s, for which this prongd is",
		    machine_name(header->e_machine),
		    machine_name(own->e_machine));
	} else if (header->e_type != ET_DYN) {
		snprintf(text, PLUGIN_ELF_TEXT_BYTES,
		    "is an ELF file of the type %u; possible: a shared object "
		    "(cc -shared)",
		    (unsigned)header->e_type);
	} else {
		return true;
	}
	return false;
}

static void
reach(uint64_t *end, uint64_t offset, uint64_t bytes)
{
	uint64_t sum;

	if (__builtin_add_overflow(offset, bytes, &sum))
		sum = UINT64_MAX;
	if (sum > *end)
		*end = sum;
}

/* The octets that the file must have: to the end of each segment that is mapped,
 * and of both tables. */
static uint64_t
needed(int fd, const ElfW(Ehdr) * header)
{
	uint64_t end = sizeof(*header);
	ElfW(Phdr) segment;
	unsigned i;

	reach(&end, header->e_phoff,
	    (uint64_t)header->e_phnum * header->e_phentsize);
	if (header->e_shoff > 0)
		reach(&end, header->e_shoff,
		    (uint64_t)header->e_shnum * header->e_shentsize);
	for (i = 0; i < header->e_phnum; i++) {
		off_t at = (off_t)(header->e_phoff +
		    (uint64_t)i * header->e_phentsize);

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			break;
		if (segment.p_type == PT_LOAD)
			reach(&end, segment.p_offset, segment.p_filesz);
	}
	return end;
}

bool
plugin_elf_check(int fd, char text[PLUGIN_ELF_TEXT_BYTES])
{
	ElfW(Ehdr) header = { .e_machine = EM_NONE };
	struct stat st;
	uint64_t bytes;

	if (pread(fd, &header, sizeof(header), 0) < 0 || fstat(fd, &st) < 0) {
		snprintf(text, PLUGIN_ELF_TEXT_BYTES, "cannot be read: %s",
		    strerror(errno));
		return false;
	}
	if (!suits(&header, text))
		return false;
	bytes = needed(fd, &header);
	if ((uint64_t)st.st_size >= bytes)
		return true;
	snprintf(text, PLUGIN_ELF_TEXT_BYTES,
	    "is cut short: it has %ju of %ju bytes; possible: the whole file",
	    (uintmax_t)st.st_size, (uintmax_t)bytes);
	return false;
}
