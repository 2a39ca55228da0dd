/*
 * The wait of a process that serves one client: by poll(2).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_WAIT_POLL_H
#define PRONG_MESSAGE_WAIT_POLL_H

#include "message/wait.h"

/* It has no state, so all callers have the same one. */
struct wait *wait_poll(void);

#endif
