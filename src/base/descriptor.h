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

#endif
