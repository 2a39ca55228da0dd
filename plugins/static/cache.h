/*
 * The cache of files that clients request repeatedly: the content of small
 * ones, the descriptor of others, and what the response says of them. All
 * handlers of a process share it, so its bounds are those of the process. It
 * does not know whether a file is still the same: file.c does.
 *
 * An entry may leave the cache while a response is made of it, as another
 * request may be served whenever this one waits. So whoever has an entry holds
 * it until cache_release, and the last one frees it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CACHE_H
#define CACHE_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <prong/handler.h>

#include "static/beneath.h"
#include "static/validators.h"

/* Descriptors that are kept at most. */
#define CACHE_DESCRIPTORS 64

/* Paths that were requested lately are noted in so many bits. When half of them
 * have been set, all are cleared. */
#define CACHE_MARKS 8192

/* What an entry counts besides its path and content: the structure, the place
 * in the table, and what malloc(3) adds. */
#define CACHE_ENTRY_BYTES (sizeof(struct cache_entry) + 3 * sizeof(void *))

/* A path beneath the folder of an owner. */
struct cache_key {
	const void *owner; /* the configuration of a handler */
	const char *path;  /* borrowed */
	size_t length;
	uint64_t hash;
};

struct cache_entry {
	/* Of the cache alone. */
	struct cache_entry *next;	   /* of the same bucket */
	struct cache_entry *newer, *older; /* of the same list */
	struct cache_key key;		   /* the path is in this memory */
	size_t cost;			   /* octets */
	unsigned users;			   /* the cache is one of them */
	bool is_listed;
	struct prong_loan loan; /* of content or fd */

	/* Of the file; set before cache_keep. */
	int fd;	       /* closed with the entry; -1: content */
	char *content; /* in this memory; NULL: fd */
	struct stat st;
	struct beneath_folder folder;
	int64_t read_ms, checked_ms;
	uint64_t checked_turn; /* prong_turn; 0: none */
	const char *type;
	struct validators validators;
	void *fields; /* prong_prepare; NULL: not known yet */
};

/* From the latest used to the one that leaves first. */
struct cache_list {
	struct cache_entry *newest, *oldest;
};

struct cache_bucket {
	struct cache_entry *first;
};

/* All zero is an empty cache that keeps nothing: its bounds are 0. It has no
 * table before it keeps something. */
struct cache {
	size_t max_octets;
	unsigned max_descriptors;

	struct cache_bucket *buckets;
	size_t bucket_count; /* a power of 2, or 0 */
	size_t entry_count;
	size_t octets;
	unsigned descriptor_count;
	struct cache_list contents, descriptors;
	uint64_t marks[CACHE_MARKS / 64];
	unsigned mark_count;
};

struct cache_key cache_key(const void *owner, const char *path);

/* Notes that the path is requested. Whether it was noted before: a path that is
 * requested once is not worth an entry. It may be forgotten, or be taken for
 * another one. */
bool cache_note(struct cache *cache, const struct cache_key *key);

/* The entry of the path, held for the caller; NULL: none. */
struct cache_entry *cache_find(struct cache *cache,
    const struct cache_key *key);

/* An entry that is not in the cache yet, held for the caller. content_bytes: the
 * room for content; 0 is right for a descriptor. NULL: no memory. */
struct cache_entry *cache_entry_new(const struct cache_key *key,
    bool has_content, size_t content_bytes);

/* Puts an entry into the cache, in place of an earlier one of the path. Others
 * leave until the bounds hold; an entry beyond the bounds is not put there. */
void cache_keep(struct cache *cache, struct cache_entry *entry);

/* Copies what prong_prepare has made to the entry, which may leave the cache for that. */
void cache_add_fields(struct cache *cache, struct cache_entry *entry,
    const void *fields, size_t size);

/* Takes an entry out of the cache, if it is there. */
void cache_remove(struct cache *cache, struct cache_entry *entry);

/* Takes the entry out of the cache whose descriptor was not needed for longest.
 * False: there is none. errno stays. */
bool cache_drop_descriptor(struct cache *cache);

/* The caller needs the entry no longer; NULL does nothing. */
void cache_release(struct cache_entry *entry);

/* Whoever holds the entry lends its content or descriptor to a response, and holds
 * it no longer: the end of the loan releases it. */
struct prong_loan *cache_loan(struct cache_entry *entry);

#endif
