/*
 * Shared memory of a generation, in a memfd with two mappings. The generation
 * writes one, which no fork inherits but for what is passed on. The other shows
 * the beginning of the memory to connections, and can never become writable.
 *
 * Usually a seal forbids all further writable mappings. Lasting memory has no
 * such seal, so that a connection can map its own part by the descriptor, also
 * when it was executed afresh. The descriptors are private to prong's own code.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SHARED_MEMORY_H
#define PRONG_BASE_SHARED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct shared_memory {
	unsigned char *own; /* all; not inherited by a fork */
	const unsigned char *shown;
	size_t bytes, shown_bytes; /* whole pages */
	int writable;		   /* of lasting memory; -1: none */
	int readable; /* sealed, or open for reading only; -1: none */
};

/* Makes zeroed memory of that size in whole pages. shown_bytes 0: there is no
 * second mapping, and no readable descriptor of lasting memory. The caller owns
 * the descriptors. 0, or -1 and errno. */
int shared_memory_make(struct shared_memory *memory, const char *name,
    size_t bytes, size_t shown_bytes, bool is_lasting);

/* In the master: an empty file in memory, which a generation fills and the master
 * keeps, to be shown to prong(1): *readable becomes a second open file of it, for
 * reading only. Only its owner can open it for writing again. -1 and errno. */
int shared_memory_file(const char *name, int *readable);

/* The same as shared_memory_make in such a file, which is owned as a result is. */
int shared_memory_make_in(struct shared_memory *memory, int file, size_t bytes,
    size_t shown_bytes, bool is_lasting);

/* From outside: maps a file for reading, if it has that many octets at least and
 * can never have fewer. *bytes: how many. NULL: it is no such file. */
const unsigned char *shared_memory_look(int file, size_t least, size_t *bytes);

/*
 * In a process that was executed afresh: maps as shared_memory_make did, by the
 * sizes and the descriptors in *memory; but of own only the part of that offset
 * and length (0: none). The rest of own is address space that cannot be used.
 * The caller closes the descriptors. 0, or -1 and errno.
 */
int shared_memory_map_part(struct shared_memory *memory, size_t offset,
    size_t length);

/*
 * The next forks inherit that part, of that many octets (whole pages), and no
 * other: *passed is the one that they have inherited so far, NULL for none.
 * Unmapping the others in each connection would take several times as long.
 * *passed lies in memory that a fork does not copy. 0, or -1 and errno.
 */
int shared_memory_pass_on(void **passed, void *part, size_t bytes);

/* Notes memory that was shared without this module, as own. */
void shared_memory_note(const void *own, size_t bytes);

/* From the first octet of the own parts that this process has, or its generation
 * had at the fork, to the last: who could move a mapping there, or make it grow,
 * would reach what belongs to others. bytes 0: there are none. */
void shared_memory_span(const void **begin, size_t *bytes);

/* The octets of all own parts. */
size_t shared_memory_bytes(void);

void shared_memory_free(struct shared_memory *memory);

#endif
