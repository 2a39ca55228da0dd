/*
 * Gaps: what the kernel lacks of the sandbox, or a policy refuses, and what the
 * setting sandbox says to that.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_GAPS_H
#define PRONG_SANDBOX_GAPS_H

#include <stdbool.h>

#include "config/configuration.h"

/* What there is. The errors are those of the first system call of each. */
struct gaps {
	int abi; /* of Landlock; 0: none */
	int abi_error;
	bool has_filter; /* seccomp */
	int filter_error;
};

/* Asks the kernel. */
struct gaps gaps_find(void);

/* Logs what does not protect. */
void gaps_log(enum sandbox_mode mode, const struct gaps *gaps);

/* Whether the setting accepts this kernel; false after logging. */
bool gaps_permit(enum sandbox_mode mode, const struct gaps *gaps);

#endif
