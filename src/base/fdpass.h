/*
 * Passing descriptors between processes, with a message over a Unix socket
 * (unix(7), SCM_RIGHTS).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_FDPASS_H
#define PRONG_BASE_FDPASS_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* The most descriptors of a message. */
#define FDPASS_MAX 2

/* The most that the kernel lets a message have (SCM_MAX_FD). */
#define FDPASS_ALL 253

/* How long a message waits while all processes of the user together have more
 * descriptors in flight than this process may have open. */
#define FDPASS_PATIENCE_MS 2000

/* Like sendmsg(2): sends a message with count descriptors. ETOOMANYREFS is
 * logged; with MSG_DONTWAIT it is returned at once. */
ssize_t fdpass_send(int socket, const struct iovec *iov, size_t iov_count,
    const int *fds, size_t count, int flags);

/*
 * Like recv(2): receives a message and its descriptors, close-on-exec; the rest
 * of fds becomes -1. Descriptors above FDPASS_MAX are closed.
 */
ssize_t fdpass_receive(int socket, void *data, size_t size, int fds[FDPASS_MAX],
    int flags);

/*
 * The same for a message of a sender who is not trusted: takes all of its
 * descriptors, *count of them, and closes none. A close may wait for what the
 * sender decides, also one by the kernel, of descriptors for which there is no
 * room: neither here, nor below the limit of this process (RLIMIT_NOFILE), of
 * which FDPASS_ALL have to be free.
 */
ssize_t fdpass_receive_all(int socket, void *data, size_t size,
    int fds[FDPASS_ALL], size_t *count, int flags);

#endif
