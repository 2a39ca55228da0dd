/*
 * A thread of a helper, for calls that may wait.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_THREAD_H
#define PRONG_GENERATION_THREAD_H

/* Starts a thread that nobody joins, with a small stack. 0, or -1. */
int thread_start(void *(*run)(void *), void *argument);

#endif
