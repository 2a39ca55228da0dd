/*
 * Small files that a connection asks for again and again: their content stays
 * in its process. Each time the kernel is asked whether the path still names
 * the very file that was read, unchanged, so that the response is what opening it
 * would have given.
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
/* Larger ones are sent without a copy, and cost more than being opened. */
#define CACHE_FILE_BYTES 16384

/* What a path leads to. */
struct file {
	int fd; /* -1: its content is known */
	struct stat st;
	const char *content; /* borrowed from the cache; or NULL */
};

struct cache_entry {
	char *path; /* content follows its NUL */
	const char *content;
	struct stat st;
	int64_t read_ms;
};

/* Zeroed to begin with, which is empty. */
struct cache {
	struct cache_entry entries[CACHE_ENTRIES];
	size_t next; /* to be overwritten */
};

/* Finds the file at a path beneath the folder; false: it must be opened, as
 * always when a link leads there. */
bool cache_find(struct cache *cache, struct prong_request *request,
    const struct beneath *beneath, const char *path, struct file *file);

/* Keeps the file that was opened at a path, if it may be kept: reads its content
 * then, and closes it. */
void cache_keep(struct cache *cache, struct prong_request *request,
    const char *path, struct file *file);

#endif
