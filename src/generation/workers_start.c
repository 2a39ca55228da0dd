/*
 * The start of a worker, or of a member of a pool, in its place.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/ledgers.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "generation/children.h"
#include "generation/pools.h"
#include "generation/porter.h"
#include "generation/porter_parcel.h"
#include "generation/processes_internal.h"
#include "generation/workers_internal.h"
#include "sandbox/core.h"
#include "sandbox/oom.h"
#include "sandbox/quota.h"
#include "worker/member.h"
#include "worker/worker.h"

int
workers_make_wake(struct workers *w, int *wake)
{
	/* A worker could make a read wait. */
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	*wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*wake < 0 ||
	    descriptor_move(wake, w->processes->facts.private_base) < 0)
		return -1;
	return epoll_ctl(w->woken, EPOLL_CTL_ADD, *wake, &event);
}

static bool
take_all(int *fds, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (fds[i] < 0)
			return false;
	}
	return true;
}

/* Below the private ones, which are closed. */
static bool
take_descriptors(int *listeners, struct worker_facts *worker)
{
	worker->wake = fcntl(worker->wake, F_DUPFD_CLOEXEC, 0);
	worker->porter = fcntl(worker->porter, F_DUPFD_CLOEXEC, 0);
	worker->listeners = listeners;
	if (worker->letters > 0)
		worker->letters = fcntl(worker->letters, F_DUPFD_CLOEXEC, 0);
	return worker->wake >= 0 && worker->porter >= 0 &&
	    worker->letters >= 0 &&
	    take_all(listeners, worker->listener_count) &&
	    take_all((int *)(uintptr_t)worker->links, worker->link_count) &&
	    take_all((int *)(uintptr_t)worker->bells,
		worker->loans ? worker->accepting : 0);
}

/* Called in the process of the worker. */
static _Noreturn void
become_worker(const struct processes_facts *facts, struct worker_facts *worker,
    int *listeners, bool forbids_core, const struct route *member_of)
{
	log_channel_open(facts->rings, worker->number - 1);
	if (!take_descriptors(listeners, worker)) {
		log_error("a worker cannot take its descriptors: %s",
		    strerror(errno));
		_exit(1);
	}
	/* What a kit has is not its own either. */
	descriptor_close_range((unsigned)facts->private_base, ~0U);
	if (forbids_core)
		core_forbid();
	signals_reset();
	quota_watched(worker->generation);
	if (member_of)
		member_run(worker, member_of);
	worker_run(worker);
}

static bool
open_place(struct processes *p, size_t place, struct worker_facts *worker)
{
	ledgers_clear(p->facts.ledgers, place + 1);
	worker->page = scoreboard_begin(p->facts.scoreboard, place);
	return worker->page && rings_begin(p->facts.rings, place) == 0 &&
	    ledgers_share(p->facts.ledgers, place + 1, true) == 0;
}

static void
close_place(struct processes *p, size_t place)
{
	if (ledgers_share(p->facts.ledgers, place + 1, false) < 0 ||
	    rings_withdraw(p->facts.rings, place) < 0)
		log_error("the memory of a worker cannot be kept from others: "
			  "%s",
		    strerror(errno));
}

static bool
give_up_place(struct processes *p, size_t place)
{
	close_place(p, place);
	scoreboard_end(p->facts.scoreboard, place, NULL);
	return false;
}

static void
note_worker(struct workers *w, size_t place, pid_t pid)
{
	struct processes *p = w->processes;
	const struct rings_facts facts = { .pid = pid, .names_clients = true };

	rings_started(p->facts.rings, place, &facts);
	children_add_worker(p->children, place, pid)->is_member = place >=
	    w->count;
	w->places[place].pid = pid;
	w->places[place].is_remembered = true;
	w->places[place].starts++;
	w->places[place].began_ms = clock_ms();
	w->places[place].idle_ms = w->places[place].began_ms;
	stillness_begin(&w->places[place].stillness, w->places[place].began_ms);
	log_debug("worker %zu is process %ld", place + 1, (long)pid);
}

bool
workers_forget(struct workers *w, size_t place)
{
	struct place *p = &w->places[place];

	if (p->is_remembered &&
	    porter_forget(w->processes->facts.porter, place) < 0)
		return false;
	p->is_remembered = false;
	return true;
}

/* A member can fill its eventfd, and make those wait that write there: no other one may
 * have it, not even the next one of its place. */
static bool
renew_wake(struct workers *w, size_t place)
{
	int *wake = &w->places[place].wake;

	/* After a start that has failed. */
	if (*wake > 0)
		descriptor_close(*wake);
	if (workers_make_wake(w, wake) == 0)
		return true;
	if (*wake > 0)
		descriptor_close(*wake);
	*wake = 0;
	return false;
}

/* What a worker that accepts has of members, and a member of these. */
static bool
open_loans(struct workers *w, size_t place, struct worker_facts *worker,
    const struct route *member_of)
{
	if (member_of)
		return pools_make_links(w->pools, worker);
	return worker->place != ROUTE_WORKER ||
	    pools_lend_to(w->pools, place, worker);
}

static void
close_loans(struct workers *w, size_t place, const struct worker_facts *worker,
    bool has_failed)
{
	if (worker->place == ROUTE_POOL)
		pools_send_links(w->pools, place, has_failed);
	else if (worker->loans)
		pools_note_lender(w->pools, worker);
}

static const struct worker_mail mail = { porter_send_parcel, porter_send_done,
	porter_send_socket, porter_receive_parcel };

bool
workers_start(struct workers *w, size_t place, const struct route *member_of)
{
	struct processes *p = w->processes;
	const struct processes_facts facts = p->facts;
	struct worker_facts worker = {
		.configuration = facts.configuration,
		.sandbox = facts.sandbox,
		.penalties = p->crashes.penalties,
		.ledgers = facts.ledgers,
		.place = workers_serve(w, place),
		.number = place + 1,
		.accepting = w->accepting,
		.wake = w->wakes[workers_serve(w, place)],
		.has_access_log = facts.has_access_log,
		.first_sequence = (w->places[place].starts + 1)
		    << WORKERS_STARTS_SHIFT,
		.generation = getpid(),
		.mail = &mail,
	};
	const bool forbids_core = crashes_forbid_core(&p->crashes);
	int *listeners = w->listeners; /* A fork does not copy *w. */
	pid_t pid;

	if (worker.place == ROUTE_WORKER)
		worker.listener_count = w->listener_count;
	if (member_of && !renew_wake(w, place))
		return false;
	if (member_of)
		worker.wake = w->places[place].wake;
	if (!workers_forget(w, place) || !open_place(p, place, &worker))
		return false;
	if (!open_loans(w, place, &worker, member_of))
		return give_up_place(p, place);
	worker.porter = porter_worker_socket(facts.porter, place);
	oom_raise();
	pid = fork();
	if (pid == 0)
		become_worker(&facts, &worker, listeners, forbids_core,
		    member_of);
	oom_restore();
	close_place(p, place);
	close_loans(w, place, &worker, pid < 0);
	if (pid < 0) {
		scoreboard_end(p->facts.scoreboard, place, NULL);
		return false;
	}
	note_worker(w, place, pid);
	return true;
}
