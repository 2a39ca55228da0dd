/*
 * Cache of small files that one connection requests repeatedly: their content
 * stays in its process. For each request the kernel is asked whether the path
 * still names the same file, unchanged. So the response is the same as if the
 * file had been opened.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CACHE_H
#define CACHE_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct beneath;
struct prong_request;

#define CACHE_ENTRIES 4
/* Larger files are sent without a copy; opening them is a small part of the
 * cost. */
#define CACHE_FILE_BYTES 16384

/* The file at a path. */
struct file {
	int fd; /* -1: content is set */
	struct stat st;
	const char *content; /* borrowed from the cache; or NULL */
};

struct cache_entry {
	char *path; /* content follows its NUL */
	const char *content;
	struct stat st;
	int64_t read_ms;
};

/* All zero is an empty cache. */
struct cache {
	struct cache_entry entries[CACHE_ENTRIES];
	size_t next; /* the entry to be overwritten next */
};

/* Finds the file at a path beneath the folder. False when the file must be
 * opened, which is always so for a path with a link. */
bool cache_find(struct cache *cache, struct prong_request *request,
    const struct beneath *beneath, const char *path, struct file *file);

/* Keeps the file that was opened at a path, if it may be kept: then its content
 * is read, and the file closed. */
void cache_keep(struct cache *cache, struct prong_request *request,
    const char *path, struct file *file);

#endif
