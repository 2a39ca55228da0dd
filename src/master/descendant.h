/*
 * Descendants: whether a process comes from this one. Those whose parents ended
 * have become this one's children (PR_SET_CHILD_SUBREAPER), so the way up by
 * parents leads here from each of them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_DESCENDANT_H
#define PRONG_MASTER_DESCENDANT_H

#include <stdbool.h>
#include <sys/types.h>

/* True also where it cannot be found out: the process has ended, say. pid 0, as
 * for processes outside of this one's namespace: false. */
bool descendant_is_mine(pid_t pid);

#endif
