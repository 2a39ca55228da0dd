/*
 * The porter: a helper that keeps, for each connection that may be handed off,
 * the receiving end of its own hand-off socket. So the generation neither
 * receives what a connection sends nor holds a queue with it, and no fork
 * copies thousands of descriptors.
 *
 *	generation ──a receiving end──▶ porter
 *	generation ──fork──▶ connection, with the sending end
 *	connection ──socket and octets──▶ queue of its receiving end
 *	next process of the connection ──claim──▶ porter ──the end──▶
 *
 * When a sending end is closed and its queue is empty, the porter closes the
 * receiving end. Queues that nobody will claim are emptied by a process made
 * for that, since closing what is in them may take for ever.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_H
#define PRONG_GENERATION_PORTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct porter;

/* The sending end for a connection, and the name of its receiving end. */
struct porter_end {
	int fd;
	uint64_t number; /* 0: none */
};

/* Starts the helper. Descriptors of the porter that stay in this process have
 * numbers from private_base on. NULL and errno. */
struct porter *porter_start(const char *title, int private_base);

pid_t porter_pid(const struct porter *porter);

/* The socket for porter_claim. It stays open for the life of the porter. */
int porter_socket(const struct porter *porter);

/* Makes a hand-off socket. The caller owns the sending end, a private
 * descriptor. False and errno: the porter has ended, or descriptors ran out. */
bool porter_next(struct porter *porter, struct porter_end *end);

/* The process with the sending end of that number has ended without a handoff.
 * The porter closes what may lie in the queue, such as descriptors in flight,
 * which the kernel counts for all processes of the user together. */
void porter_drop(struct porter *porter, uint64_t number);

/* Called in the next process of a connection: takes the receiving end. -1: the
 * porter has none of that number, or has ended. */
int porter_claim(int socket, uint64_t number);

#endif
