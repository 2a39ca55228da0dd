/*
 * Opening beneath a folder. The kernel resolves the path and never leaves the
 * folder (openat2(2), RESOLVE_BENEATH); what races with a request, a folder
 * moved or a link exchanged, cannot lead outside either.
 *
 * Symbolic links, when they are followed, may lead to any place beneath the
 * folder, and to folders outside that are named. The kernel follows a relative
 * link that never climbs over the folder. Others are read here, one by one, and
 * their text is mapped to a folder and a path beneath it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENEATH_H
#define BENEATH_H

#include <stdbool.h>
#include <stddef.h>

struct stat;

struct beneath_base {
	int fd;		   /* O_PATH */
	const char *real;  /* without symbolic links */
	const char *named; /* as in the configuration */
};

struct beneath {
	struct beneath_base *bases; /* [0] is the folder, others are those
					   into which links may lead */
	size_t count;
	bool follow; /* symbolic links */
};

/* Opens a folder as a base. real has PATH_MAX octets and is the base's from
 * here on. 0, or -1 and errno: ENOSYS when the kernel has no openat2. */
int beneath_base_open(struct beneath_base *base, const char *named, char *real);

/*
 * Opens path beneath the first base, close-on-exec; "" is the folder itself.
 * Leading slashes mean nothing. A descriptor, or -1 and errno: EXDEV and ELOOP
 * when a link stands in the way that is not to be followed.
 */
int beneath_open(const struct beneath *beneath, const char *path, int flags);

/* What there is at the path, provided that no link leads there, not even one
 * that would be followed. 0, or -1 and errno. */
int beneath_stat(const struct beneath *beneath, const char *path,
    struct stat *st);

#endif
