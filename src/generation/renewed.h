/*
 * Renewed: the process of a connection that was executed afresh for a fresh
 * route (connection/renewal.h). It maps its memory, reads the copies of its
 * configuration, loads and opens the handlers of its route alone, and serves.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_RENEWED_H
#define PRONG_GENERATION_RENEWED_H

/* Serves the connection that the brief at that descriptor tells, and ends the
 * process with enum connection_end. */
_Noreturn void renewed_run(int brief);

#endif
