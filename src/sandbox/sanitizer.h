/*
 * Differences when the address sanitizer is built in
 * (./configure --enable-sanitizers), and things that stay the same:
 *
 * - The crash handler still catches the fatal signals, so a wild pointer leads
 *   to a response and a line of the log. A fault that the sanitizer itself
 *   finds, in the heap or on the stack, is reported before any signal, and the
 *   process exits: the client sees a closed connection.
 * - The filter is the same: the sanitizer needs no further calls to allocate
 *   and to report. But the search for leaks at the end of a process traces it
 *   and reads /proc, which the sandbox forbids even to the generation; so a
 *   process in a sandbox makes no such search. Tests with sandbox = "off",
 *   --once with it, and the unit tests make it.
 * - A report of a process in a sandbox has no names of functions, because no
 *   program can be started to find them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_SANITIZER_H
#define PRONG_SANDBOX_SANITIZER_H

/* This process and its forks are in a sandbox from here on. */
void sanitizer_note_sandbox(void);

#endif
