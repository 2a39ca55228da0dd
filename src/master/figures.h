/*
 * The figures that prong(1) shows: the master passes the memory in which generations
 * count, as descriptors for reading. It maps none of it, and waits for no generation.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_FIGURES_H
#define PRONG_MASTER_FIGURES_H

struct master_state;

/* Sends the figures to the clients that wait for them. */
void figures_say(const struct master_state *state);

#endif
