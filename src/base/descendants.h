/*
 * The descendants of a process, by the kernel's lists of children in /proc. A
 * list is whole, however long it is, but the lists are read one after the other:
 * a process that moves to another parent meanwhile may be missed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_DESCENDANTS_H
#define PRONG_BASE_DESCENDANTS_H

#include <stdbool.h>
#include <sys/types.h>

typedef void descendants_visitor(void *context, pid_t pid);

/* Opens the list of this process's own children, if it has one thread. A
 * close-on-exec descriptor, or -1 and errno. */
int descendants_open_list(void);

/* Visits each process of one list, an open /proc/PID/task/TID/children, from its
 * beginning. 0, or -1 and errno. */
int descendants_read_list(int fd, descendants_visitor *visit, void *context);

/* Visits each descendant of a process once: children first, then theirs. 0, or
 * -1 and errno when the process's own lists cannot be read. */
int descendants_visit(pid_t root, descendants_visitor *visit, void *context);

#endif
