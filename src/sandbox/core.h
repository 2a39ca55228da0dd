/*
 * Core files of connections, in the folder of the setting core_dir: in spite of
 * dropped privileges, which forbid them, and of the sandbox, which has to admit
 * the folder. One a minute, so that a client that crashes handlers cannot fill
 * the disk.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_CORE_H
#define PRONG_SANDBOX_CORE_H

#include <stdint.h>

#define CORE_INTERVAL_MS 60000

/* In the generation: before privileges are dropped, and after. Only a folder
 * that can be entered then does; -1 after logging. */
void core_permit(void);
int core_enter(const char *folder);

/* In a connection that must leave none. */
void core_forbid(void);

#endif
