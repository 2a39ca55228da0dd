/*
 * A generation: executed by the master, serves from its start until a later one
 * takes over. Without privileges it loads the handlers, then accepts
 * connections and forks.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_GENERATION_H
#define PRONG_GENERATION_GENERATION_H

/* Runs the generation whose handover is at that descriptor; its exit status. */
int generation_run(int handover_fd);

#endif
