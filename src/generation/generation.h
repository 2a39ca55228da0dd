/*
 * A generation: a process that the master executes, and that serves until a
 * later one takes over. It loads the handlers without privileges, then accepts
 * connections and forks.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_GENERATION_H
#define PRONG_GENERATION_GENERATION_H

/* Runs the generation whose handover is at that descriptor. Returns the exit
 * status. */
int generation_run(int handover_fd);

#endif
