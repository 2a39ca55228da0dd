/*
 * The job at hand: the connection that this process serves at the moment, as
 * signal handlers have to know it. A process of one connection has one job. In a
 * process that serves many, each fiber has its own, and a switch of fibers changes
 * the pointer (fiber.h). Outside of all fibers there is none.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_JOB_H
#define PRONG_BASE_JOB_H

#include <signal.h>
#include <stddef.h>

struct scoreboard_page;

/* The pointers live as long as the job, those of a handler until it has returned.
 * A handler may have damaged the memory behind them. */
struct job {
	const char *client; /* "192.0.2.1:4711" */
	struct scoreboard_page *page;
	volatile sig_atomic_t is_in_handler;
	const char *route, *handler; /* while it is */
};

/* NULL: none. Only job_take and fiber.c change it. */
extern struct job *job_at_hand;

/* From here on that job is at hand, until the fiber pauses, and again when the
 * fiber is resumed. NULL: none. */
static inline void
job_take(struct job *job)
{
	job_at_hand = job;
}

/* The job, if a handler is at work; else NULL. */
static inline const struct job *
job_in_handler(void)
{
	const struct job *job = job_at_hand;

	return job && job->is_in_handler ? job : NULL;
}

#endif
