/*
 * Connections that others have given, and that have ended here: the porter is told,
 * so that it forgets them, also when it does not keep up for a while.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/internal.h"

/* Until the porter is told again. */
#define AGAIN_MS 5

/* Where another process may have the socket, too, it may have set that its close
 * waits. So the porter closes it last. False: later. */
static bool
close_socket(const struct worker *w, struct client *c)
{
	if (c->is_shared && c->socket >= 0 &&
	    w->facts.mail->send_socket(w->facts.porter, c->passed, c->socket) <
		0 &&
	    errno == EAGAIN)
		return false;
	if (c->socket >= 0)
		close(c->socket);
	c->socket = -1;
	return true;
}

/* False: later. */
static bool
tell(const struct worker *w, struct client *c)
{
	if (!close_socket(w, c) ||
	    (w->facts.mail->send_done(w->facts.porter, c->passed) < 0 &&
		errno == EAGAIN))
		return false;
	free(c);
	return true;
}

void
untold_note_end(struct client *c)
{
	struct worker *w = c->worker;

	if (tell(w, c))
		return;
	c->next = w->untold;
	w->untold = c;
	loop_nudge(&w->errors);
}

int64_t
untold_tell(struct worker *w)
{
	struct client *c, *next;

	for (c = w->untold; c; c = next) {
		next = c->next;
		if (!tell(w, c))
			return clock_ms() + AGAIN_MS;
		w->untold = next;
	}
	return INT64_MAX;
}
