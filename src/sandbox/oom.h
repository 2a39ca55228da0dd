/*
 * Who ends first when the system is out of memory: connections and workers before
 * the generation and the master. A process inherits this from its parent, so the
 * generation raises its own value for the moment of a fork: a connection may
 * not open the file in /proc.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_OOM_H
#define PRONG_SANDBOX_OOM_H

/* Called before privileges are dropped, after which the file cannot be opened.
 * Where /proc is missing, all values stay. */
void oom_open(void);

/* The descriptor that the other functions use, which no connection may keep;
 * -1: none. */
int *oom_descriptor(void);

/* Called in the generation around a fork. */
void oom_raise(void);
void oom_restore(void);

#endif
