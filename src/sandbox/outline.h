/*
 * Outline: permissions with fewer, wider paths. The kernel copies the rules of
 * a process each time that the process restricts itself further, so a connection
 * pays for each path of the first stage.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_OUTLINE_H
#define PRONG_SANDBOX_OUTLINE_H

#include <stddef.h>

struct permissions;

/* So many paths with the same kind of access stay as they are. */
#define OUTLINE_MAX_PATHS 64

/*
 * Replaces paths by folders around them until at most max paths of each kind are
 * left, if that is possible: reading, writing and executing are separate kinds,
 * and the root of the file system takes no path's place. Every path that was
 * permitted still is, also where links lead to it. 0, or -1 and errno; then the
 * permissions can only be freed.
 */
int outline_make(struct permissions *permissions, size_t max);

#endif
