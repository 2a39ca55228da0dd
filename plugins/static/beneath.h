/*
 * Opening beneath a folder. The kernel resolves the path and never leaves the
 * folder (openat2(2), RESOLVE_BENEATH). A folder that is moved or a link that
 * is exchanged during a request cannot lead outside either. Where there is no
 * such call, a walk from name to name takes its place.
 *
 * Symbolic links, when they are followed, may lead to any place beneath the
 * folder, and to named folders outside. The kernel follows a relative link that
 * stays beneath the folder. Other links are read here, one by one, and their
 * text is mapped to a folder and a path beneath it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENEATH_H
#define BENEATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct base;
struct stat;

struct beneath {
	struct base **bases; /* [0] is the folder; links may lead into the
			      * others. */
	size_t count;
	bool follow; /* symbolic links */
};

/* Whether a policy permits the calls by which files are opened beneath that base.
 * 0, or -1 and errno. */
int beneath_try(const struct base *base);

/*
 * Opens path beneath the first base, close-on-exec; "" is the folder itself.
 * Leading slashes are ignored. A descriptor, or -1 and errno: EXDEV and ELOOP
 * when the path has a link that is not to be followed.
 */
int beneath_open(const struct beneath *beneath, const char *path, int flags);

/* The same, but EAGAIN in place of a wait for a disk or another machine, where the
 * kernel can tell: what is on the path is not in memory. */
int beneath_open_at_once(const struct beneath *beneath, const char *path,
    int flags);

/* The folder of a file, if that lies one folder below the base; else ino is 0. */
struct beneath_folder {
	dev_t dev;
	ino_t ino;
};

/* Finds the folder of the file at path, which must not be a link. */
void beneath_find_folder(const struct beneath *beneath, const char *path,
    struct beneath_folder *folder);

/*
 * The status of the file at path. Never follows a link: then it fails or gives
 * the status of the link itself. Fails as well if the file was in that folder,
 * and another one has its name. 0, or -1 and errno.
 */
int beneath_stat(const struct beneath *beneath, const char *path,
    const struct beneath_folder *folder, struct stat *st);

#endif
