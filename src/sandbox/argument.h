/*
 * Arguments of system calls that no handler needs, or only one with a certain
 * declaration: kinds of sockets, their options, modes with set-id bits, memory
 * that is executable. The generation loads a filter with these rules beside the
 * filter of calls, and connections inherit it. A call with such arguments fails
 * with the errno of its rule, so that libraries take another way. Where no
 * handler starts programs, the process gets a signal first and logs the call
 * (refusal.h); a program would die by that signal.
 *
 * Arguments in memory cannot be seen: the mode of openat2, addresses of
 * sockets, descriptors in a message.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_ARGUMENT_H
#define PRONG_SANDBOX_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

struct program;

/* What a process may do with memory that is executable. */
enum argument_memory {
	ARGUMENT_MEMORY_ANY,	   /* nothing is refused */
	ARGUMENT_MEMORY_LIBRARIES, /* never writable or shared, too */
	ARGUMENT_MEMORY_NONE,	   /* no further one */
};

/* That of handlers with these needs (PRONG_NEEDS_...). */
enum argument_memory argument_memory(uint64_t needs);

/* Appends the rules to a program and loads it for good; connections have at least
 * these rules. Steps before them must fall through. needs: those of all handlers
 * together. signals: refused calls are logged, as far as this machine permits. 0,
 * or -1 and errno. */
int argument_load(struct program *program, uint64_t needs, bool signals);

/* Appends the rules to a program that asks an observer (observer.h). */
void argument_ask(struct program *program, uint64_t needs);

/* The errno with which that call fails for a handler with these needs; 0: with
 * none. */
int argument_error(int number, const uint64_t arguments[6], uint64_t needs);

/* What is wrong with the arguments of that call, which has failed with that
 * errno, as a clause for the log, and the declaration that would permit them in *permit (NULL: none). NULL: no
 * such rule. Usable in a signal handler. */
const char *argument_explain(int number, int error, const char **name,
    const char **permit);

#endif
