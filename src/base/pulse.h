/*
 * The pulse of a process: its parent asks it for a sign of life at intervals, and
 * one that is silent for too long hangs, as in a system call that does not
 * return, or stopped by a signal. The parent's own pauses do not count: a
 * question that it finds overdue because it did not run itself is asked again.
 * The master asks its generations so, and a generation its log process. Pure.
 * Times are of clock_ms.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_PULSE_H
#define PRONG_BASE_PULSE_H

#include <stdint.h>

/* After a sign of life the next question; and the time for its response. */
#define PULSE_INTERVAL_MS 5000
#define PULSE_PATIENCE_MS 15000

/* A parent that looks that late did not run. */
#define PULSE_LATE_MS 2000

struct pulse {
	int64_t heard_ms; /* the last sign of life */
	int64_t asked_ms; /* 0: no question is open */
};

enum pulse_verdict {
	PULSE_BEATS,
	PULSE_ASK, /* the caller asks, now */
	PULSE_STOPPED
};

/* The process has given a sign of life, or is asked from now on. */
void pulse_hear(struct pulse *pulse, int64_t now_ms);

/* When pulse_check has the next verdict. */
int64_t pulse_due_ms(const struct pulse *pulse);
enum pulse_verdict pulse_check(struct pulse *pulse, int64_t now_ms);

#endif
