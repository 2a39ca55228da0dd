/*
 * The hatch: connections come in here that other processes give to the worker.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "connection/connection.h"
#include "worker/internal.h"

/* A worker that ends waits so long for what is on its way, and looks that often. */
#define LAST_MS 2000
#define LOOK_MS 5

static bool
receive(struct worker *w)
{
	struct worker_arrival arrival = { .passed = 0 };
	int socket = w->facts.mail->receive(w->facts.porter,
	    connection_handoff_octets(w->facts.configuration), &arrival);

	if (arrival.passed != 0 || arrival.is_missing)
		ledgers_note_received(w->facts.ledgers, w->facts.number);
	if (arrival.is_missing)
		return true;
	if (socket >= 0) {
		client_go_on(w, socket, &arrival);
		return true;
	}
	if (errno == EAGAIN || errno == EINTR)
		return false;
	w->hatch.is_open = errno != EPIPE && errno != ECONNRESET;
	if (ratelimit_allows(&w->exhausted))
		log_error("cannot receive a connection from the porter: %s",
		    strerror(errno));
	if (arrival.passed != 0)
		w->facts.mail->send_done(w->facts.porter, arrival.passed);
	return w->hatch.is_open;
}

static bool
is_expecting(const struct worker *w)
{
	return ledgers_on_way(w->facts.ledgers, w->facts.number) > 0;
}

static void
wait_for_last(struct worker *w)
{
	const int64_t until_ms = clock_ms() + LAST_MS;

	while (w->hatch.is_open && is_expecting(w) && clock_ms() < until_ms) {
		loop_wait(&w->hatch.watch, EPOLLIN, clock_ms() + LOOK_MS);
		while (receive(w))
			continue;
		loop_exhaust(&w->hatch.watch, EPOLLIN);
	}
}

void
hatch_keep(void *argument)
{
	struct worker *w = argument;

	while (w->hatch.is_open && !w->is_draining) {
		loop_wait_nudged(&w->hatch.watch, EPOLLIN, INT64_MAX);
		while (receive(w))
			continue;
		loop_exhaust(&w->hatch.watch, EPOLLIN);
	}
	wait_for_last(w);
	loop_unwatch(&w->hatch.watch);
	w->hatch.is_open = false;
	client_note_last(w);
}

void
hatch_leave(struct worker *w)
{
	if (w->hatch.is_open)
		loop_nudge(&w->hatch.watch);
}
