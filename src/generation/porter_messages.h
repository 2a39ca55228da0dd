/*
 * The messages to the porter, of a generation and of the processes that it
 * forks. All of them are the same program, so the structure is sent as it is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_MESSAGES_H
#define PRONG_GENERATION_PORTER_MESSAGES_H

#include <stdint.h>

enum porter_order {
	PORTER_KEEP,  /* the descriptor is the client's socket of that number */
	PORTER_CLAIM, /* the descriptor is a socket to send that one to */
	PORTER_DROP,  /* nobody will claim that socket */
};

struct porter_message {
	uint64_t number;
	uint32_t order; /* enum porter_order */
	uint32_t reserved;
};

/* The helper: serves until all other processes have closed the other end of
 * socket, and ends the process. */
_Noreturn void porter_run(int socket);

#endif
