/*
 * The first handler that a process is about to call, as the generation finds it
 * out after the process has ended. The process tells its index before any handler
 * runs, by two hard limits that the kernel keeps but does not use: one is as much
 * above a number as the other is below. Hard limits can only be lowered, so a
 * process cannot tell another index afterwards. A page of memory for it would cost
 * each connection a mapping more, and its end.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_FIRST_HANDLER_H
#define PRONG_CONNECTION_FIRST_HANDLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* In the generation, before the first fork, for so many handlers. -1 and
 * errno; ERANGE: the limits that it was started with are too low (ulimit -m,
 * LimitRSS). */
int first_handler_open(uint64_t handlers);

/* In the connection. Called again, it does nothing. */
void first_handler_tell(uint64_t index);

/* In the generation: of a child that was not waited for yet, also if it has ended.
 * False: it has not told, and so has called no handler. */
bool first_handler_of(pid_t child, uint64_t *index);

#endif
