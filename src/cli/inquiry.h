/*
 * Requests of prong(1) to the master over the control socket
 * (base/control_protocol.h), and what comes back.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_INQUIRY_H
#define PRONG_CLI_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>

struct reply;

/* As many as a server can have. */
#define INQUIRY_GENERATIONS 16

/* What the master passes to be read; -1: none. */
struct inquiry_memory {
	struct inquiry_generation {
		unsigned long long number;
		long pid;
		char phase[16];
		int scoreboard, ledgers;
	} generations[INQUIRY_GENERATIONS];
	size_t count;
	int totals;
};

/* Sends a request and reads the reply, whose lines the caller frees by
 * inquiry_free. at_once: lines are printed as they arrive. ends_it: the request
 * stops the master, and its end is success. Ends prong if no master is reached. */
void inquiry_ask(const char *socket, const char *request, bool at_once,
    bool ends_it, struct reply *reply);
void inquiry_free(struct reply *reply);

/* Errors and warnings go to standard error, other lines to standard output. */
void inquiry_print_line(const char *line);

/* Asks for the memory. 0, or -1 and errno when no master is reached. A master of an
 * earlier release passes none. */
int inquiry_look(const char *socket, struct inquiry_memory *memory);
void inquiry_look_away(struct inquiry_memory *memory);

/* A sentence for the errno of a master that is not reached. */
const char *inquiry_advice(int error);

#endif
