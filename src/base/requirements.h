/*
 * Requirements: what the server cannot do without, found out at its start. What
 * fails for want of one later does not name it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_REQUIREMENTS_H
#define PRONG_BASE_REQUIREMENTS_H

#include <stdbool.h>

/* Whether /proc is there, and the system calls are that the server needs: each is
 * made once, in a way that has no effect. Logs each that is missing, or refused
 * by a policy. */
bool requirements_hold(void);

#endif
