/* SPDX-License-Identifier: ISC */
#include "worker/member_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/handler_stderr.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/orphan.h"
#include "base/scoreboard.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/first_handler.h"
#include "connection/handler_state.h"
#include "message/wait_poll.h"
#include "sandbox/quota.h"
#include "sandbox/sandbox.h"

/* One that ends waits so long for what is on its way. */
#define LAST_MS 2000

static void
wake_generation(const struct member *m)
{
	const uint64_t one = 1;

	if (write(m->facts.wake, &one, sizeof(one)) < 0)
		log_debug("the generation has been woken already");
}

/* False: none has come. The ledger has the connection from before it is no more on
 * its way. */
static bool
receive(struct member *m)
{
	const struct worker_facts *f = &m->facts;
	struct worker_arrival arrival = { .passed = 0 };
	int socket = f->mail->receive(f->porter,
	    connection_handoff_octets(f->configuration), &arrival);

	if (socket < 0 && !arrival.is_missing && arrival.passed == 0)
		return false;
	ledgers_count(f->ledgers, f->number, 1);
	ledgers_note_received(f->ledgers, f->number);
	if (socket >= 0)
		member_serve(m, socket, &arrival);
	else if (arrival.passed != 0)
		f->mail->send_done(f->porter, arrival.passed);
	free((char *)(uintptr_t)arrival.octets.data);
	member_show_idle(m);
	if (member_is_used_up(m)) {
		/* The generation passes it no more, as it never says that it is
		 * idle again. */
		log_debug("the process is used up");
		return false;
	}
	ledgers_count(f->ledgers, f->number, -1);
	wake_generation(m);
	return true;
}

static bool
is_told_to_end(const struct member *m)
{
	const struct scoreboard_page *page = m->facts.page;

	return page->is_stopping || page->is_draining || page->is_unwanted ||
	    orphan_is_noted();
}

static void
wait_for_last(struct member *m)
{
	const struct worker_facts *f = &m->facts;
	const int64_t until_ms = clock_ms() + LAST_MS;

	while (!member_is_used_up(m) &&
	    ledgers_on_way(f->ledgers, f->number) > 0 &&
	    clock_ms() < until_ms && !orphan_is_noted())
		if (!receive(m))
			member_sleep_a_moment();
}

/* False: the porter has ended. */
static bool
wait_for_client(const struct member *m)
{
	struct pollfd *fds = m->polled;
	const size_t count = MEMBER_POLLED + m->facts.link_count;
	size_t i;

	fds[0] = (struct pollfd){ .fd = m->facts.porter, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = handler_stderr_descriptor(),
		.events = POLLIN };
	for (i = MEMBER_POLLED; i < count; i++)
		fds[i].revents = 0;
	if (nudge_poll(fds, count, -1) < 0) {
		for (i = 0; i < count; i++)
			fds[i].revents = 0;
		return true;
	}
	if (fds[1].revents)
		handler_stderr_drain();
	return !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL));
}

static void
serve_all(struct member *m)
{
	while (!is_told_to_end(m) && wait_for_client(m)) {
		if (!member_hear_links(m))
			return;
		while (m->polled[0].revents && receive(m) && !is_told_to_end(m))
			continue;
		if (member_is_used_up(m))
			return;
	}
	wait_for_last(m);
}

/*
 * The start.
 */

/* Their limits of time hold for child as for a request. */
static bool
call_child(struct member *m)
{
	struct scoreboard_page *page = m->facts.page;
	struct quota quota = { .limits = NULL };
	bool ok = true;
	size_t i;

	page->state = SCOREBOARD_HANDLING;
	quota_begin(&quota, &m->route->limits, page);
	for (i = 0; i < m->route->handler_count && ok; i++) {
		snprintf(page->handler, sizeof(page->handler), "%s",
		    m->route->handlers[i].name);
		ok = handler_state_prepare(m->facts.configuration,
			 &m->route->handlers[i]) == 0;
	}
	quota_end(&quota);
	return ok;
}

static bool
open_member(struct member *m, const struct worker_facts *facts,
    const struct route *route)
{
	m->wait.methods = member_wait_methods();
	m->facts = *facts;
	m->route = route;
	m->sequence = facts->first_sequence;
	m->visit.socket = -1;
	m->row = ledgers_row(facts->ledgers, facts->number, 0);
	m->memory = calloc(1, connection_memory_bytes() + 64);
	if (!m->memory) {
		log_error("there is no memory for a connection");
		return false;
	}
	m->memory = (struct connection_memory *)(((uintptr_t)m->memory + 63) &
	    ~(uintptr_t)63);
	facts->page->pid = (uint64_t)getpid();
	snprintf(facts->page->route, sizeof(facts->page->route), "%s",
	    route->path);
	member_show_title(m);
	handler_stderr_open();
	if (!member_open_links(m))
		return false;
	first_handler_tell(route->handlers[0].index);
	return sandbox_enter(facts->sandbox, route) == 0 && call_child(m);
}

void
member_run(const struct worker_facts *facts, const struct route *route)
{
	struct member *m = member_self();

	if (!open_member(m, facts, route)) {
		handler_stderr_drain();
		_exit(CONNECTION_FAILED);
	}
	member_show_idle(m);
	/* From now on the generation passes it connections. */
	ledgers_note_row(facts->ledgers, facts->number, 0);
	wake_generation(m);
	serve_all(m);
	handler_stderr_drain();
	log_debug("_exit(%d)", (int)CONNECTION_DONE);
	_exit(CONNECTION_DONE);
}
