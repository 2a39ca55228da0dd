/*
 * Passing descriptors between processes, with a message over a Unix socket
 * (unix(7), SCM_RIGHTS).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_FDPASS_H
#define PRONG_BASE_FDPASS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* With a message, at most. */
#define FDPASS_MAX 2

/* As sendmsg(2): a message, with count descriptors. */
ssize_t fdpass_send(int socket, const struct iovec *iov, size_t iov_count,
    const int *fds, size_t count, int flags);

/*
 * As recv(2): a message, and the descriptors that came with it, close-on-exec;
 * the rest of fds is -1. More than FDPASS_MAX are closed.
 */
ssize_t fdpass_receive(int socket, void *data, size_t size, int fds[FDPASS_MAX],
    int flags);

/* What the kernel tells of a message beside its data. */
struct fdpass_origin {
	pid_t sender; /* 0: unknown; socket(7), SO_PASSCRED, must be set */
	bool is_cut;  /* data or descriptors were more than there is room for */
};

/* The same; *origin is set whenever a message was received. */
ssize_t fdpass_receive_from(int socket, void *data, size_t size,
    int fds[FDPASS_MAX], int flags, struct fdpass_origin *origin);

#endif
