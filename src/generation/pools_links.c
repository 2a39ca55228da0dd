/*
 * Links between the workers that accept and the members of pools (worker/loan.h): made
 * when a member is started, and sent to each worker by a letter.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/pools_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/fdpass.h"
#include "base/log.h"
#include "worker/worker.h"

/* Private descriptors: *theirs is to be inherited by one process, which takes it. */
static bool
make_pair(const struct pools *p, int *ours, int *theirs)
{
	const int base = pools_processes(p)->facts.private_base;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	*ours = ends[0];
	*theirs = ends[1];
	if (descriptor_move(ours, base) == 0 &&
	    descriptor_move(theirs, base) == 0)
		return true;
	descriptor_close(*ours);
	descriptor_close(*theirs);
	*ours = *theirs = 0;
	return false;
}

static bool
make_bells(struct pools *p)
{
	const size_t count = p->workers->accepting;
	size_t i;

	p->bells = calloc(count, sizeof(p->bells[0]));
	p->links.theirs = calloc(count, sizeof(p->links.theirs[0]));
	p->links.ours = calloc(count, sizeof(p->links.ours[0]));
	if (!p->bells || !p->links.theirs || !p->links.ours)
		return false;
	for (i = 0; i < count; i++) {
		p->bells[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (p->bells[i] < 0 ||
		    descriptor_move(&p->bells[i],
			pools_processes(p)->facts.private_base) < 0)
			return false;
	}
	return true;
}

bool
pools_open_loans(struct pools *p)
{
	struct workers *w = p->workers;
	size_t i;

	if (w->members == 0)
		return true;
	p->loans = loans_new(w->members, p->count, w->accepting);
	if (!p->loans)
		return false;
	for (i = 0; i < p->count; i++)
		loans_set_pool(p->loans, i, p->all[i].first - w->count,
		    p->all[i].count, p->all[i].route->processes->queue);
	return make_bells(p);
}

bool
pools_lend_to(struct pools *p, size_t place, struct worker_facts *worker)
{
	const struct workers *w = p->workers;
	int *letters = &p->workers->places[place].letters;

	if (!p->loans)
		return true;
	/* After a start that has failed. */
	if (*letters > 0)
		descriptor_close(*letters);
	*letters = 0;
	if (!make_pair(p, letters, &worker->letters))
		return false;
	worker->loans = p->loans;
	worker->first_member = w->count + 1;
	worker->members = w->members;
	worker->pools = p->count;
	worker->bells = p->bells;
	return loans_share(p->loans, true) == 0;
}

void
pools_note_lender(struct pools *p, const struct worker_facts *worker)
{
	descriptor_close(worker->letters);
	if (loans_share(p->loans, false) < 0)
		log_error("the memory of loans cannot be kept from others: %s",
		    strerror(errno));
}

void
pools_note_lender_end(struct pools *p, size_t place)
{
	struct workers *w = p->workers;
	size_t i;

	if (!p->loans)
		return;
	if (w->places[place].letters > 0)
		descriptor_close(w->places[place].letters);
	w->places[place].letters = 0;
	loans_forget_worker(p->loans, place + 1);
	for (i = w->count; i < w->count + w->members; i++)
		w->places[i].is_stale = w->places[i].pid != 0;
}

/* A worker that is missing at the moment has none to that member. */
bool
pools_make_links(struct pools *p, struct worker_facts *member)
{
	const struct workers *w = p->workers;
	size_t i;

	p->links.count = 0;
	for (i = 0; i < w->accepting; i++, p->links.count++)
		if (!make_pair(p, &p->links.ours[i], &p->links.theirs[i])) {
			pools_send_links(p, 0, true);
			return false;
		}
	member->links = p->links.theirs;
	member->link_count = p->links.count;
	return true;
}

void
pools_send_links(struct pools *p, size_t place, bool has_failed)
{
	const struct workers *w = p->workers;
	uint64_t member = has_failed ? 0 : pools_member(p, place);
	const struct iovec letter = { &member, sizeof(member) };
	size_t i;

	for (i = 0; i < p->links.count; i++) {
		if (!has_failed && w->places[i].letters > 0 &&
		    fdpass_send(w->places[i].letters, &letter, 1,
			&p->links.ours[i], 1, MSG_DONTWAIT) < 0)
			log_debug("worker %zu gets no link to member %zu: %s",
			    i + 1, (size_t)member, strerror(errno));
		descriptor_close(p->links.ours[i]);
		descriptor_close(p->links.theirs[i]);
	}
	p->links.count = 0;
}
