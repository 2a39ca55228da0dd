/*
 * Clients that workers lend to a member: each worker has a link to it (loan.h).
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ledgers.h"
#include "base/log.h"
#include "worker/member_internal.h"

bool
member_open_links(struct member *m)
{
	const size_t count = m->facts.link_count;
	size_t i;

	m->polled = calloc(MEMBER_POLLED + count, sizeof(m->polled[0]));
	if (!m->polled) {
		log_error("there is no memory for %zu links", count);
		return false;
	}
	for (i = 0; i < count; i++)
		m->polled[MEMBER_POLLED + i] = (struct pollfd){
			.fd = m->facts.links[i], .events = POLLIN
		};
	return true;
}

/* The client counts in the ledger of its worker. */
static void
serve(struct member *m, int link, int socket, const struct loan *loan,
    struct slice octets)
{
	const struct worker_facts *f = &m->facts;

	ledgers_note_begun(f->ledgers, f->number);
	member_serve_loan(m, link, socket, loan, octets);
	member_show_idle(m);
}

/* A worker that has ended leaves its link to be polled no more. */
static void
hear(struct member *m, size_t i)
{
	static char octets[LOAN_OCTETS];
	struct pollfd *polled = &m->polled[MEMBER_POLLED + i];
	struct loan loan;
	size_t length;
	int socket;

	if (loan_receive(polled->fd, &loan, sizeof(loan), &socket, octets,
		sizeof(octets), &length) == 0) {
		serve(m, (int)i, socket, &loan,
		    (struct slice){ octets, length });
		return;
	}
	if (errno == EAGAIN || errno == EINTR)
		return;
	log_debug("a link to a worker ends: %s", strerror(errno));
	close(polled->fd);
	polled->fd = -1;
}

bool
member_hear_links(struct member *m)
{
	size_t i;

	for (i = 0; i < m->facts.link_count; i++) {
		if (m->polled[MEMBER_POLLED + i].revents)
			hear(m, i);
		if (member_is_used_up(m))
			return false;
	}
	return true;
}
