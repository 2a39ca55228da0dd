/*
 * Ownership: whether only root and the user of this process can change a file that
 * is about to be executed, or put another one in its place.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_OWNERSHIP_H
#define PRONG_BASE_OWNERSHIP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Whether a file or folder belongs to root or to the user of this process, and
 * no other user may write to it. The sticky bit makes no difference: other
 * users can still put files into such a folder. */
bool ownership_is_ours(const struct stat *st);

/* Writes "found PATH with owner N and mode N; possible: ...". */
void ownership_describe(char *text, size_t size, const char *path,
    const struct stat *st);

/* Room for that text with the longest path. */
#define OWNERSHIP_TEXT_BYTES (PATH_MAX + 160)

/*
 * Opens (O_PATH) the regular file of an absolute path. Symbolic links are
 * followed. The file and each folder that leads to it, also by a link, must be
 * ours, or be a folder like /tmp whose entry on the way is ours and no file. -1
 * and errno; text says then what is wrong with which path.
 */
int ownership_open(const char *path, char text[OWNERSHIP_TEXT_BYTES]);

#endif
