/*
 * Start-up of a generation: from the handover of the master to the message that
 * it is ready to serve. Serves nothing itself.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_STARTUP_H
#define PRONG_GENERATION_STARTUP_H

struct generation;

/*
 * Reads the handover at that descriptor and makes a generation from it: without
 * privileges, in its sandbox, with all handlers open. The master has been told
 * that it is ready when this returns 0; -1 after logging, and then the process
 * has to end.
 */
int startup_run(struct generation *generation, int handover_fd);

#endif
