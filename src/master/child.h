/*
 * A child of the master with a socket between the two that keeps messages apart
 * (SOCK_SEQPACKET). The caller waits for the process (waitpid(2)).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_CHILD_H
#define PRONG_MASTER_CHILD_H

#include <sys/types.h>

/* As fork(2). In both processes *socket is the end of the socket that belongs
 * to that process, close-on-exec. After -1 and errno there is no socket. */
pid_t child_fork(int *socket);

/* The same for a helper, which keeps all open descriptors of the master. The
 * kernel ends it when the master ends, its signals are as after a start, and
 * its errors and warnings are copied to the socket (log_copy_to). */
pid_t child_fork_helper(int *socket);

#endif
