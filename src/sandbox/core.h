/*
 * Core files of connections, in the folder of the setting core_dir. Dropped
 * privileges would forbid core files, and the sandbox has to admit the folder.
 * One file a minute, so that a client that crashes handlers cannot fill the
 * disk.
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
