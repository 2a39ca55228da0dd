/*
 * Programs for seccomp that are not libseccomp's: those of a connection, which
 * must be short, because the kernel walks through them for every system call
 * that it knows when it loads them; and those of arguments.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_PROGRAM_H
#define PRONG_SANDBOX_PROGRAM_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* The low half of an argument: all arguments that are compared are an int or
 * flags below 2^32. */
#define PROGRAM_ARGUMENT(n) \
	((uint32_t)offsetof(struct seccomp_data, args[n]) + \
	    (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))

/* The high half. */
#define PROGRAM_ARGUMENT_HIGH(n) \
	((uint32_t)offsetof(struct seccomp_data, args[n]) + \
	    (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 0 : 4))

#define PROGRAM_STEPS 2048

/* A program begins with the number of the call in the accumulator. */
struct program {
	unsigned short length; /* before what is long, and mostly not touched */
	struct sock_filter code[PROGRAM_STEPS];
};

/* Appends steps. */
void program_put(struct program *program, const struct sock_filter *code,
    size_t count);

/* Appends the last step, which allows all other calls, and loads the program
 * for good. Nothing is loaded when there are no steps. 0, or -1 and errno. */
int program_load(struct program *program);

#endif
