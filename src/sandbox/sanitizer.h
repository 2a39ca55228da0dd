/*
 * What is different when the address sanitizer is built in
 * (./configure --enable-sanitizers), and where it is not as one might expect:
 *
 * - The crash handler has the fatal signals all the same, so a wild pointer
 *   leads to a response and to a line of the log. A fault that the sanitizer
 *   finds by itself, in the heap or on the stack, it reports before any signal,
 *   and exits: the client sees a cut.
 * - The filter is the same: allocating and reporting need no more. But the
 *   search for leaks at a process's end traces it and reads /proc, which the
 *   sandbox keeps even from the generation; so it is left out in a process that
 *   is in one. Tests with sandbox = "off", --once with it, and the unit tests
 *   are searched.
 * - A report has no names of functions then, since no program can be started
 *   to find them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_SANITIZER_H
#define PRONG_SANDBOX_SANITIZER_H

/* This process and its forks are in a sandbox from here on. */
void sanitizer_note_sandbox(void);

#endif
