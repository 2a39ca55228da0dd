/*
 * The file at a path: opened, or found in the cache, where it is kept when it is
 * requested again. By default the kernel is asked for each request whether the
 * path still names the same file, unchanged. So the response is the same as if
 * the file had been opened.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATIC_FILE_H
#define STATIC_FILE_H

#include <sys/stat.h>

struct cache_entry;
struct prong_request;
struct static_config;

/* Larger files are sent without a copy. */
#define FILE_CONTENT_BYTES 32768

struct file {
	int fd;		     /* of the entry, if there is one; -1: content */
	const char *content; /* borrowed from the entry; or NULL */
	struct cache_entry *entry; /* or NULL */
	struct stat st;
};

/* Finds or opens the file at a path, which may also be a folder or a device. The
 * caller ends its use by file_close or file_send. 0, or -1 and errno; EAGAIN: the
 * request would wait, and can move to a process of its own. */
int file_open(struct prong_request *request, const struct static_config *config,
    const char *path, struct file *file);

/* Opens what is at a path, and keeps nothing. A descriptor, or -1 and errno as above.
 */
int file_open_beneath(struct prong_request *request,
    const struct static_config *config, const char *path, int flags);

void file_close(struct file *file);

/* Makes a regular file the content of the response, and closes it. */
void file_send(struct prong_request *request, struct file *file);

#endif
