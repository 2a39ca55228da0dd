/*
 * The links of a worker. The generation makes one when it starts a member, and sends the
 * worker its end by a letter. A bell tells that another worker has left a member.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/fdpass.h"
#include "base/log.h"
#include "worker/internal.h"
#include "worker/lend.h"

static void
cut(struct link *l)
{
	if (l->fd < 0)
		return;
	loop_unwatch(&l->watch);
	close(l->fd);
	l->fd = -1;
	lend_lose(l);
}

/* A member that has ended, or that sends what is no answer, gets no client any more. The
 * generation ends it. */
static void
cut_off(struct link *l)
{
	struct worker *w = l->worker;

	cut(l);
	if (loans_mark(w->facts.loans, l->member).start == l->start &&
	    loans_close(w->facts.loans, l->member))
		worker_wake_generation(w);
}

static void
wake_link(struct loop_rest *rest, enum loop_outcome outcome)
{
	struct link *l = (struct link *)(void *)rest;

	loop_exhaust(&l->watch, EPOLLIN);
	if (outcome == LOOP_READY && lend_hear(l))
		loop_rest(&l->watch, &l->rest, INT64_MAX);
	else
		cut_off(l);
}

static void
take_link(struct worker *w, uint64_t member, int fd)
{
	struct link *l;

	if (member >= w->lending.members) {
		descriptor_close(fd);
		return;
	}
	l = &w->lending.links[member];
	/* The last answer of the member before may have come only now, too. */
	if (l->client)
		lend_hear(l);
	cut(l);
	l->fd = fd;
	l->start = loans_mark(w->facts.loans, member).start;
	loop_watch(w->loop, &l->watch, fd, LOOP_CLIENT);
	loop_rest(&l->watch, &l->rest, INT64_MAX);
}

static void
wake_letters(struct loop_rest *rest, enum loop_outcome outcome)
{
	struct lending *lending = (struct lending *)(void *)((char *)rest -
	    offsetof(struct lending, letters_rest));
	struct worker *w = (struct worker *)(void *)((char *)lending -
	    offsetof(struct worker, lending));
	uint64_t member;
	int fds[FDPASS_MAX];
	ssize_t n = -1;

	loop_exhaust(&lending->letters, EPOLLIN);
	while (outcome == LOOP_READY &&
	    (n = fdpass_receive(w->facts.letters, &member, sizeof(member), fds,
		 MSG_DONTWAIT)) == (ssize_t)sizeof(member))
		if (fds[0] >= 0)
			take_link(w, member, fds[0]);
	if (n != 0)
		loop_rest(&lending->letters, rest, INT64_MAX);
}

static void
wake_bell(struct loop_rest *rest, enum loop_outcome outcome)
{
	struct lending *lending = (struct lending *)(void *)((char *)rest -
	    offsetof(struct lending, bell_rest));
	struct worker *w = (struct worker *)(void *)((char *)lending -
	    offsetof(struct worker, lending));

	(void)outcome;
	/* Edge-triggered: nobody needs to read. */
	loop_exhaust(&lending->bell, EPOLLIN);
	loop_rest(&lending->bell, rest, INT64_MAX);
	lend_look(w);
}

static int
watch_all(struct worker *w)
{
	struct lending *lending = &w->lending;
	size_t i;

	for (i = 0; i < lending->members; i++)
		lending->links[i] = (struct link){ .worker = w,
			.member = i,
			.pool = loans_pool(w->facts.loans, i),
			.rest.wake = wake_link,
			.fd = -1 };
	lending->letters_rest.wake = wake_letters;
	lending->bell_rest.wake = wake_bell;
	if (loop_watch(w->loop, &lending->letters, w->facts.letters,
		LOOP_CLIENT) < 0 ||
	    loop_watch(w->loop, &lending->bell,
		w->facts.bells[w->facts.number - 1], LOOP_CLIENT) < 0)
		return -1;
	loop_rest(&lending->letters, &lending->letters_rest, INT64_MAX);
	loop_rest(&lending->bell, &lending->bell_rest, INT64_MAX);
	return 0;
}

int
links_open(struct worker *w)
{
	struct lending *lending = &w->lending;
	size_t i;

	if (!w->facts.loans)
		return 0;
	lending->members = w->facts.members;
	lending->pools = w->facts.pools;
	lending->links = calloc(lending->members, sizeof(lending->links[0]));
	lending->waiters = calloc(lending->pools, sizeof(lending->waiters[0]));
	if (!lending->links || !lending->waiters)
		return -1;
	for (i = 0; i < lending->pools; i++)
		lending->waiters[i].last = &lending->waiters[i].first;
	return watch_all(w);
}

void
links_close(struct worker *w)
{
	size_t i;

	if (!w->lending.links)
		return;
	for (i = 0; i < w->lending.members; i++)
		cut(&w->lending.links[i]);
	loop_unwatch(&w->lending.letters);
	loop_unwatch(&w->lending.bell);
}
