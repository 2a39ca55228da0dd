/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "static/cache.h"

#define FIRST_BUCKETS 64

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9fb21c651e98df25);
	return hash ^ (hash >> 32);
}

/* Eight octets at a time. No client chooses what is kept: it is files. */
struct cache_key
cache_key(const void *owner, const char *path)
{
	size_t length = strlen(path), left = length;
	uint64_t hash = mix(length, (uintptr_t)owner), word;
	const char *at = path;

	for (; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = mix(hash, word);
		at += sizeof(word);
	}
	word = 0;
	memcpy(&word, at, left);
	return (struct cache_key){ owner, path, length, mix(hash, word) };
}

static bool
is_same_key(const struct cache_key *a, const struct cache_key *b)
{
	return a->hash == b->hash && a->owner == b->owner &&
	    a->length == b->length && memcmp(a->path, b->path, a->length) == 0;
}

/* By the high bits of the hash, as the low ones choose the bucket. */
bool
cache_note(struct cache *cache, const struct cache_key *key)
{
	size_t place = key->hash / (UINT64_MAX / CACHE_MARKS + 1);
	uint64_t *word = &cache->marks[place / 64];
	uint64_t mark = UINT64_C(1) << (place % 64);

	if (*word & mark)
		return true;
	if (cache->mark_count++ == CACHE_MARKS / 2) {
		memset(cache->marks, 0, sizeof(cache->marks));
		cache->mark_count = 1;
	}
	*word |= mark;
	return false;
}

static struct cache_list *
list_of(struct cache *cache, const struct cache_entry *entry)
{
	return entry->fd >= 0 ? &cache->descriptors : &cache->contents;
}

static void
link_newest(struct cache_list *list, struct cache_entry *entry)
{
	entry->newer = NULL;
	entry->older = list->newest;
	if (list->newest)
		list->newest->newer = entry;
	else
		list->oldest = entry;
	list->newest = entry;
}

static void
unlink_listed(struct cache_list *list, struct cache_entry *entry)
{
	if (entry == list->newest)
		list->newest = entry->older;
	else
		entry->newer->older = entry->older;
	if (entry == list->oldest)
		list->oldest = entry->newer;
	else
		entry->older->newer = entry->newer;
}

static struct cache_bucket *
bucket_of(const struct cache *cache, uint64_t hash)
{
	return &cache->buckets[hash & (cache->bucket_count - 1)];
}

struct cache_entry *
cache_find(struct cache *cache, const struct cache_key *key)
{
	struct cache_entry *entry;
	struct cache_list *list;

	if (cache->bucket_count == 0)
		return NULL;
	entry = bucket_of(cache, key->hash)->first;
	while (entry && !is_same_key(&entry->key, key))
		entry = entry->next;
	if (!entry)
		return NULL;
	list = list_of(cache, entry);
	if (list->newest != entry) {
		unlink_listed(list, entry);
		link_newest(list, entry);
	}
	assert(entry->users > 0);
	entry->users++;
	return entry;
}

struct cache_entry *
cache_entry_new(const struct cache_key *key, bool has_content,
    size_t content_bytes)
{
	size_t extra = key->length + 1 + content_bytes;
	struct cache_entry *entry = malloc(sizeof(*entry) + extra);
	char *path;

	if (!entry)
		return NULL;
	*entry = (struct cache_entry){ .key = *key, .users = 1, .fd = -1 };
	path = (char *)(entry + 1);
	memcpy(path, key->path, key->length + 1);
	entry->key.path = path;
	if (has_content)
		entry->content = path + key->length + 1;
	entry->cost = CACHE_ENTRY_BYTES + extra;
	return entry;
}

void
cache_release(struct cache_entry *entry)
{
	if (!entry || --entry->users > 0)
		return;
	if (entry->fd >= 0)
		close(entry->fd);
	free(entry->fields);
	free(entry);
}

static void
end_loan(struct prong_loan *loan)
{
	cache_release((struct cache_entry *)(void *)((char *)loan -
	    offsetof(struct cache_entry, loan)));
}

struct prong_loan *
cache_loan(struct cache_entry *entry)
{
	entry->loan.release = end_loan;
	return &entry->loan;
}

void
cache_remove(struct cache *cache, struct cache_entry *entry)
{
	struct cache_entry **at;

	if (!entry->is_listed)
		return;
	for (at = &bucket_of(cache, entry->key.hash)->first; *at != entry;
	     at = &(*at)->next)
		;
	*at = entry->next;
	unlink_listed(list_of(cache, entry), entry);
	entry->is_listed = false;
	cache->entry_count--;
	cache->octets -= entry->cost;
	if (entry->fd >= 0)
		cache->descriptor_count--;
	cache_release(entry);
}

static void
put_first(struct cache_bucket *bucket, struct cache_entry *entry)
{
	entry->next = bucket->first;
	bucket->first = entry;
}

/* Doubles the table. Without memory it stays, and is slower; false: there is
 * none. */
static bool
grow(struct cache *cache)
{
	struct cache_bucket *before = cache->buckets, *buckets;
	size_t i, count = cache->bucket_count;
	struct cache_entry *entry, *next;

	buckets = calloc(count > 0 ? 2 * count : FIRST_BUCKETS,
	    sizeof(*buckets));
	if (!buckets)
		return before;
	cache->buckets = buckets;
	cache->bucket_count = count > 0 ? 2 * count : FIRST_BUCKETS;
	for (i = 0; i < count; i++)
		for (entry = before[i].first; entry; entry = next) {
			next = entry->next;
			put_first(bucket_of(cache, entry->key.hash), entry);
		}
	free(before);
	return true;
}

static void
limit_octets(struct cache *cache, size_t octets)
{
	struct cache_entry *oldest;

	while (cache->octets > octets) {
		oldest = cache->contents.oldest;
		cache_remove(cache,
		    oldest ? oldest : cache->descriptors.oldest);
	}
}

/* Makes room for the entry. */
static void
evict(struct cache *cache, const struct cache_entry *entry)
{
	while (entry->fd >= 0 &&
	    cache->descriptor_count >= cache->max_descriptors)
		cache_remove(cache, cache->descriptors.oldest);
	limit_octets(cache, cache->max_octets - entry->cost);
}

void
cache_add_fields(struct cache *cache, struct cache_entry *entry,
    const void *fields, size_t size)
{
	void *copy = entry->fields ? NULL : malloc(size);

	if (!copy)
		return;
	entry->fields = memcpy(copy, fields, size);
	entry->cost += size;
	if (!entry->is_listed)
		return;
	cache->octets += size;
	limit_octets(cache, cache->max_octets);
}

bool
cache_drop_descriptor(struct cache *cache)
{
	struct cache_entry *oldest = cache->descriptors.oldest;
	const int saved = errno;

	if (!oldest)
		return false;
	cache_remove(cache, oldest);
	errno = saved;
	return true;
}

static void
remove_path(struct cache *cache, const struct cache_key *key)
{
	struct cache_entry *entry = cache_find(cache, key);

	if (!entry)
		return;
	cache_remove(cache, entry);
	cache_release(entry);
}

void
cache_keep(struct cache *cache, struct cache_entry *entry)
{
	if (entry->cost > cache->max_octets ||
	    (entry->fd >= 0 && cache->max_descriptors == 0))
		return;
	remove_path(cache, &entry->key);
	if (cache->entry_count >= cache->bucket_count && !grow(cache))
		return;
	evict(cache, entry);
	put_first(bucket_of(cache, entry->key.hash), entry);
	link_newest(list_of(cache, entry), entry);
	entry->is_listed = true;
	entry->users++;
	cache->entry_count++;
	cache->octets += entry->cost;
	if (entry->fd >= 0)
		cache->descriptor_count++;
}
