/*
 * One step of opening beneath a folder: the kernel resolves a path, and never leaves
 * the folder.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <linux/openat2.h>
#include <stdint.h>

/*
 * Opens path beneath the folder, close-on-exec; "" is the folder itself. resolve:
 * RESOLVE_NO_SYMLINKS, RESOLVE_CACHED or both. RESOLVE_CACHED has no effect where the
 * kernel does not know it. -1 and errno, which stays as it is if folder is -1.
 */
int resolve_open(int folder, const char *path, int flags, uint64_t resolve);

#endif
