/*
 * The peer of a connection to the control socket: whether it may ask. The peer
 * must be root, the user of the master, or of a group, and must not descend
 * from the master. A process whose parent ended becomes the master's child
 * (PR_SET_CHILD_SUBREAPER), so the chain of parents of each descendant leads to
 * the master.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_PEER_H
#define PRONG_MASTER_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* Why the peer of that socket may not ask; NULL when it may. group: its
 * members may ask, too; (gid_t)-1: none. */
const char *peer_refusal(int fd, gid_t group);

/* Whether that process descends from this one. True also when that is
 * unknown, because the process has ended, for instance. False for pid 0, the
 * number of processes outside of this one's namespace. */
bool peer_is_descendant(pid_t pid);

/* Whether that process has given up more for good than this one (new privileges,
 * system calls), as handlers have. False when that is unknown. */
bool peer_is_more_confined(pid_t pid);

#endif
