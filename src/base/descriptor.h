/*
 * Descriptors: steps that are the same for files, sockets and pipes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_DESCRIPTOR_H
#define PRONG_BASE_DESCRIPTOR_H

/* Closes it; -1 is none. errno stays as it is. */
void descriptor_close(int fd);

/* Gives it the lowest free number from lowest on, close-on-exec; the old number
 * is closed. 0, or -1 and errno: then *fd is as it was. */
int descriptor_move(int *fd, int lowest);

#endif
