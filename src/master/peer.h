/*
 * The peer of a connection to the control socket: whether it may ask. It must be
 * root, the user of the master, or of a group, and must not descend from the
 * master. Processes whose parents ended have become the master's children
 * (PR_SET_CHILD_SUBREAPER), so the way up by parents leads here from each of its
 * descendants.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_PEER_H
#define PRONG_MASTER_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* Why the peer of that socket may not ask; NULL when it may. group: one that may
 * ask, too; (gid_t)-1: none. */
const char *peer_refusal(int fd, gid_t group);

/* Whether that process descends from this one. True also where it cannot be
 * found out: the process has ended, say. pid 0, as for processes outside of this
 * one's namespace: false. */
bool peer_is_descendant(pid_t pid);

#endif
