/*
 * Descriptors: steps that are the same for files, sockets and pipes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_DESCRIPTOR_H
#define PRONG_BASE_DESCRIPTOR_H

/* Closes a descriptor; -1 is none. errno stays unchanged. */
void descriptor_close(int fd);

/* Moves a descriptor to the lowest free number from lowest on, close-on-exec,
 * and closes the old number. 0, or -1 and errno: *fd is then unchanged. */
int descriptor_move(int *fd, int lowest);

/* Lets this process open as many descriptors as its hard limit allows. */
void descriptor_raise_limit(void);

/* Ends the connection of a TCP socket by a reset, also while other processes
 * have the socket. The octets that the kernel holds for the peer are dropped, so
 * no close waits for them. Usable in a signal handler; the filter of system
 * calls permits it to connections that may not connect. */
void descriptor_reset(int fd);

#endif
