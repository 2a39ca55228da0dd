/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <prong/handler.h>

#include "static/beneath.h"
#include "static/cache.h"
#include "static/validators.h"

/* The longest life of an entry: only the first of many writes through a shared
 * mapping changes the times of the file. */
#define BELIEVED_MS 1000

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct cache_entry *
find_path(struct cache *cache, const char *path)
{
	size_t i;

	for (i = 0; i < CACHE_ENTRIES; i++)
		if (cache->entries[i].path &&
		    strcmp(cache->entries[i].path, path) == 0)
			return &cache->entries[i];
	return NULL;
}

static void
forget(struct cache_entry *entry)
{
	free(entry->path);
	*entry = (struct cache_entry){ .path = NULL };
}

bool
cache_find(struct cache *cache, struct prong_request *request,
    const struct beneath *beneath, const char *path, struct file *file)
{
	struct cache_entry *entry = find_path(cache, path);
	struct stat st;

	if (!entry)
		return false;
	if (now_ms() - entry->read_ms >= BELIEVED_MS ||
	    beneath_stat(beneath, path, &st) < 0 ||
	    !validators_is_unchanged(&entry->st, &st)) {
		forget(entry);
		return false;
	}
	prong_log(request, PRONG_LOG_DEBUG,
	    "statx(\"%s\"): unchanged since "
	    "it was read",
	    path);
	*file = (struct file){ -1, st, entry->content };
	return true;
}

/* Reads size octets; false when the file has fewer. */
static bool
read_whole(struct prong_request *request, int fd, char *data, size_t size)
{
	ssize_t n = pread(fd, data, size, 0);

	prong_log(request, PRONG_LOG_DEBUG, "pread(%d, %zu bytes) = %zd", fd,
	    size, n);
	return n == (ssize_t)size;
}

void
cache_keep(struct cache *cache, struct prong_request *request, const char *path,
    struct file *file)
{
	size_t size = (size_t)file->st.st_size, length = strlen(path) + 1;
	struct cache_entry *entry;
	int64_t begun_ms = now_ms();
	char *memory;

	if (!S_ISREG(file->st.st_mode) || size == 0 ||
	    size > CACHE_FILE_BYTES ||
	    !validators_has_settled(&file->st.st_ctim))
		return;
	memory = malloc(length + size);
	if (!memory)
		return;
	if (!read_whole(request, file->fd, memory + length, size)) {
		free(memory);
		return;
	}
	memcpy(memory, path, length);
	entry = &cache->entries[cache->next++ % CACHE_ENTRIES];
	forget(entry);
	*entry = (struct cache_entry){ memory, memory + length, file->st,
		begun_ms };
	close(file->fd);
	file->fd = -1;
	file->content = entry->content;
}
