/*
 * The closer: a thread of the porter that closes sockets. Whoever closes a socket
 * last may have to wait: for its client (SO_LINGER), or until the kernel has gone
 * through all who still watch it (epoll). The porter goes on meanwhile.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_CLOSER_H
#define PRONG_GENERATION_CLOSER_H

struct closer {
	int writing; /* -1: there is no thread */
};

/* Starts the thread; without one closer_close closes by itself. The process
 * should have no other use for SIGALRM and the interval timer. */
void closer_start(struct closer *closer);

/* Takes the descriptor over, and closes it soon. Waits only if some 16,000 wait
 * already. */
void closer_close(struct closer *closer, int fd);

#endif
