/*
 * Core files of connections, in the folder of the setting core_dir. Dropped
 * privileges would forbid core files, and the sandbox has to admit the folder.
 * Once there is one, connections that begin within a minute leave none, so that a
 * client that crashes handlers cannot fill the disk. Those that live then may leave
 * one each, and so may each process that their handlers start.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_CORE_H
#define PRONG_SANDBOX_CORE_H

#include <stdint.h>

#define CORE_INTERVAL_MS 60000

/* For the generation. Call core_permit before privileges are dropped, and
 * core_enter after: the user must be able to write to the folder. 0, or -1
 * after logging. */
void core_permit(void);
int core_enter(const char *folder);

/* For a connection that must leave no core file. */
void core_forbid(void);

#endif
