/*
 * Start-up of a generation: from the master's handover to the message that the
 * generation is ready. Serves nothing itself.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_STARTUP_H
#define PRONG_GENERATION_STARTUP_H

struct generation;

/*
 * Reads the handover at that descriptor and makes a generation from it: without
 * privileges, in its sandbox, with all handlers open. 0 when the master has
 * been told that the generation is ready. On failure -1 after logging, and the
 * process has to end.
 */
int startup_run(struct generation *generation, int handover_fd);

#endif
