/*
 * Descriptors: steps that are the same for files, sockets and pipes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_DESCRIPTOR_H
#define PRONG_BASE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>

/* Closes a descriptor; -1 is none. errno stays unchanged. */
void descriptor_close(int fd);

/* Moves a descriptor to the lowest free number from lowest on, close-on-exec,
 * and closes the old number. 0, or -1 and errno: *fd is then unchanged. */
int descriptor_move(int *fd, int lowest);

/* Closes all descriptors from first to last, also where the kernel or a policy
 * has no close_range(2). 0, or -1 and errno. */
int descriptor_close_range(unsigned first, unsigned last);

/* Makes all descriptors from first on close-on-exec, likewise. */
int descriptor_end_with_exec(unsigned first);

/* How many descriptors this process may open at most. */
size_t descriptor_limit(void);

/* Opens those of 0, 1 and 2 that this process was started without, so that none
 * of its files gets such a number, to which others may write. */
void descriptor_open_standard(void);

/* Whether accept(2) has failed because descriptors or memory ran out. */
bool descriptor_is_exhaustion(int error);

/* Lets this process open as many descriptors as its hard limit allows. */
void descriptor_raise_limit(void);

/* Ends the connection of a TCP socket by a reset, also while other processes
 * have the socket. The octets that the kernel holds for the peer are dropped, so
 * no close waits for them. Usable in a signal handler; the filter of system
 * calls permits it to connections that may not connect. */
void descriptor_reset(int fd);

#endif
