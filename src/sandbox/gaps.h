/*
 * Gaps: what the kernel lacks of the sandbox, and what the setting sandbox says
 * to that.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_GAPS_H
#define PRONG_SANDBOX_GAPS_H

#include <stdbool.h>

#include "config/configuration.h"

/* Logs what does not protect. abi: Landlock's; 0: none. has_filter: seccomp. */
void gaps_log(enum sandbox_mode mode, int abi, bool has_filter);

/* Whether the setting accepts this kernel; false after logging. */
bool gaps_permit(enum sandbox_mode mode, int abi, bool has_filter);

#endif
