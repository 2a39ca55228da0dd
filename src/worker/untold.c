/*
 * Connections that others have given, and that have ended here: the porter is told,
 * so that it forgets them, also when it does not keep up for a while.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "worker/internal.h"

/* Until the porter is told again. */
#define AGAIN_MS 5

void
untold_note_end(struct client *c)
{
	struct worker *w = c->worker;

	if (w->facts.mail->send_done(w->facts.porter, c->passed) == 0 ||
	    errno != EAGAIN) {
		free(c);
		return;
	}
	c->next = w->untold;
	w->untold = c;
	loop_nudge(&w->errors);
}

int64_t
untold_tell(struct worker *w)
{
	struct client *c;

	while ((c = w->untold)) {
		if (w->facts.mail->send_done(w->facts.porter, c->passed) < 0 &&
		    errno == EAGAIN)
			return clock_ms() + AGAIN_MS;
		w->untold = c->next;
		free(c);
	}
	return INT64_MAX;
}
