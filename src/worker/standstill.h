/*
 * A worker that stands still, as its generation has noticed, says where: a signal
 * has it log the handler at work and a backtrace. It goes on afterwards.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_WORKER_STANDSTILL_H
#define PRONG_WORKER_STANDSTILL_H

#include <sys/types.h>

/* In the worker, after crash_handler_open, whose stack it uses. */
void standstill_open(void);

/* In the generation. */
void standstill_ask(pid_t worker);

#endif
