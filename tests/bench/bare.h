/*
 * What the bare loops share: the least that a server with a process for each
 * connection must do, and nothing of what a web server must.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stdbool.h>

/* Listens on a port of 127.0.0.1 that the kernel chooses, says on standard
 * output which, and runs serve in a process of its own for each connection,
 * for ever. */
_Noreturn void bare_accept(void (*serve)(int fd));

/* Reads the head of a request; false when the client has gone. */
bool bare_read_head(int fd);

/* Answers 1 KiB. */
bool bare_answer(int fd, bool keep_alive);

#endif
