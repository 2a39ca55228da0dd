/*
 * Passing descriptors between processes, with a message over a Unix socket
 * (unix(7), SCM_RIGHTS).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PASSING_H
#define PRONG_PASSING_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* With a message, at most. */
#define PASSING_MAX 2

/* As sendmsg(2): a message, with count descriptors. */
ssize_t passing_send(int socket, const struct iovec *iov, size_t iov_count,
    const int *fds, size_t count, int flags);

/*
 * As recv(2): a message, and the descriptors that came with it, close-on-exec;
 * the rest of fds is -1. More than PASSING_MAX are closed.
 */
ssize_t passing_receive(int socket, void *data, size_t size,
    int fds[PASSING_MAX], int flags);

#endif
