/*
 * The log channel: the ring into which this process puts its lines of both logs.
 * In a process without one (the master, prongd --once) lines are written to the
 * logs themselves.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_LOG_CHANNEL_H
#define PRONG_BASE_LOG_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rings.h"

/* How many pauses of 1 ms a line of a connection waits for room, and for how long
 * after a dropped line none waits. */
#define LOG_CHANNEL_WAIT_MS  100
#define LOG_CHANNEL_PAUSE_MS 5000

/* In a connection, right after the fork: its slot. */
void log_channel_open(const struct rings *rings, size_t slot);
/* In a process that serves many, after that: its lines never wait. */
void log_channel_never_wait(void);
/* In the generation, whose lines never wait. */
void log_channel_open_own(const struct rings *rings);
/* In the log process: its own lines go to the log. */
void log_channel_close(void);

bool log_channel_is_open(void);

/* Puts a line into the ring. -1: it was dropped, as the ring was full. Keeps
 * errno. Async-signal-safe. */
int log_channel_put(enum rings_kind kind, unsigned level, const char *text,
    size_t length);

/* The number of lines of the error log that this process has dropped since the
 * last call, if one more line would have room now; else 0. */
size_t log_channel_take_lost(void);

#endif
