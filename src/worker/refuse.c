/*
 * A client that cannot be served gets a 503.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/internal.h"

/* A client that is refused, and still sends. */
struct refused {
	struct worker *worker;
	int socket;
};

static void
linger(void *argument)
{
	struct refused *r = argument;
	const int64_t until_ms = clock_ms() + REJECT_LINGER_MS;
	struct loop_watch watch;

	if (loop_watch(r->worker->loop, &watch, r->socket, LOOP_CLIENT) == 0) {
		while (loop_wait(&watch, EPOLLIN, until_ms) == LOOP_READY &&
		    reject_discard(r->socket))
			loop_exhaust(&watch, EPOLLIN);
		loop_unwatch(&watch);
	}
	close(r->socket);
	worker_note_spare(r->worker);
	r->worker->rejected--;
	free(r);
}

void
refuse(struct worker *w, int socket, const struct address *peer,
    enum refusal refusal)
{
	bool lingers;
	uint64_t bytes = reject_say(socket, reject_reason_of(refusal),
	    &lingers);
	struct refused *r;

	w->facts.page->refused++;
	scoreboard_tally(w->facts.page)->refusals[refusal]++;
	w->facts.page->responses[5]++;
	access_refuse(&w->access, peer, bytes);
	if (w->access.unrecorded == 1)
		loop_nudge(&w->errors);
	if (lingers && w->rejected < REJECT_MAX) {
		r = calloc(1, sizeof(*r));
		if (r) {
			*r = (struct refused){ w, socket };
			if (loop_start(w->loop, linger, r) == 0) {
				w->rejected++;
				return;
			}
			free(r);
		}
	}
	close(socket);
}
