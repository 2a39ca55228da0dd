/*
 * The peer of a connection to the control socket: whether it may ask. The peer
 * must be root, the user of the master, or of a group, and must not descend
 * from the master. A process whose parent ended becomes the master's child
 * (PR_SET_CHILD_SUBREAPER), so the chain of parents of each descendant leads to
 * the master. Numbers of processes are used again; so the peer is held while its
 * chain is read, and the chain is read twice.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_PEER_H
#define PRONG_MASTER_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* A process: by a pidfd that the kernel gives for the one that connected (Linux
 * 6.5), else by its number and its start. */
struct peer_process {
	int fd; /* -1: none */
	pid_t pid;
	unsigned long long started; /* clock ticks after the boot */
};

/* Why the peer of that socket may not ask; NULL when it may. group: its
 * members may ask, too; (gid_t)-1: none. */
const char *peer_refusal(int fd, gid_t group);

/* Holds the process that connected a socket, whose number is pid; the second
 * without a pidfd: it may already be another process of that number. False and
 * errno, ESRCH if the process has ended. */
bool peer_hold(struct peer_process *process, int socket, pid_t pid);
bool peer_hold_number(struct peer_process *process, pid_t pid);

/* Releases a process; whether it has lived until now. */
bool peer_release(struct peer_process *process);

/* Whether that process descends from this one. True also when that is
 * unknown, because the process has ended, for instance. False for pid 0, the
 * number of processes outside of this one's namespace. */
bool peer_is_descendant(pid_t pid);

/* Whether that process has given up more for good than this one (new privileges,
 * system calls), as handlers have. False when that is unknown. */
bool peer_is_more_confined(pid_t pid);

#endif
