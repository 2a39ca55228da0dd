/*
 * Wakes the generation, which polls an eventfd for all workers; and the fiber of this
 * worker that gives memory back.
 *
 * SPDX-License-Identifier: ISC
 */
#include <unistd.h>

#include "base/log.h"
#include "worker/internal.h"

void
worker_wake_generation(const struct worker *w)
{
	const uint64_t one = 1;

	if (write(w->facts.wake, &one, sizeof(one)) < 0)
		log_debug("the generation has been woken already");
}

void
worker_note_spare(struct worker *w)
{
	if (w->has_spare)
		return;
	w->has_spare = true;
	loop_nudge(&w->errors);
}
