/*
 * The rows of a worker's ledger, by which others see its connections; and the
 * counts of its page, which are those of all its connections together.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ledgers.h"
#include "worker/internal.h"

int
rows_init(struct worker *w)
{
	w->rows.unused = calloc(ledgers_rows(w->facts.ledgers),
	    sizeof(w->rows.unused[0]));
	return w->rows.unused ? 0 : -1;
}

static struct ledger_row *
row_of(const struct client *c)
{
	return ledgers_row(c->worker->facts.ledgers, c->worker->facts.number,
	    c->row);
}

/* The lowest ones are used first, so that few pages are. */
static bool
choose(struct worker *w, uint32_t *row)
{
	struct rows *rows = &w->rows;

	if (rows->unused_count > 0) {
		*row = rows->unused[--rows->unused_count];
		return true;
	}
	if (rows->fresh == ledgers_rows(w->facts.ledgers))
		return false;
	*row = (uint32_t)rows->fresh++;
	ledgers_note_row(w->facts.ledgers, w->facts.number, *row);
	return true;
}

bool
rows_take(struct client *c)
{
	struct ledger_row *row;

	if (!choose(c->worker, &c->row))
		return false;
	row = row_of(c);
	*row = (struct ledger_row){ .state = SCOREBOARD_WAITING,
		.serial = ++c->worker->rows.serial,
		.since = c->began,
		.since_ms = c->began_ms,
		.turn_ms = c->began_ms,
		.client_key = c->peer_key,
		.is_counted = c->is_counted };
	return true;
}

void
rows_give(struct client *c)
{
	struct rows *rows = &c->worker->rows;

	row_of(c)->state = SCOREBOARD_FREE;
	rows->unused[rows->unused_count++] = c->row;
}

void
rows_hide(const struct client *c)
{
	row_of(c)->state = SCOREBOARD_FREE;
}

/* A text of a page, as far as there is room for it. */
static void
copy_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = '\0';
}

static void
show_row(const struct client *c)
{
	const struct scoreboard_page *page = &c->seat->page;
	struct ledger_row *row = row_of(c);

	row->requests = page->requests;
	row->received = page->bytes_received;
	row->sent = page->bytes_sent;
	row->request_since = page->request_since;
	row->request_since_ms = page->request_since_ms;
	row->turn_ms = page->turn_ms;
	row->handler_index = page->handler_index;
	row->is_unrecorded = page->is_unrecorded != 0;
	copy_text(row->handler, sizeof(row->handler), page->handler);
	copy_text(row->client, sizeof(row->client), page->client);
	copy_text(row->request, sizeof(row->request), page->request);
	row->state = page->state;
}

static void
add(uint64_t *sum, uint64_t now, uint64_t *before)
{
	*sum += now - *before;
	*before = now;
}

static void
count(struct client *c)
{
	struct scoreboard_page *sum = c->worker->facts.page;
	const struct scoreboard_page *now = &c->seat->page;
	struct scoreboard_page *before = &c->seat->shown;
	size_t i;

	add(&sum->requests, now->requests, &before->requests);
	add(&sum->bytes_received, now->bytes_received, &before->bytes_received);
	add(&sum->bytes_sent, now->bytes_sent, &before->bytes_sent);
	add(&sum->lines_dropped, now->lines_dropped, &before->lines_dropped);
	for (i = 0; i < 6; i++)
		add(&sum->responses[i], now->responses[i],
		    &before->responses[i]);
	if (now->log_error != 0)
		sum->log_error = now->log_error;
}

/* If the process ends in a handler, the generation finds the request of the one at
 * work in the page. */
static void
show_work(const struct client *c)
{
	const struct scoreboard_page *page = &c->seat->page;
	struct scoreboard_page *process = c->worker->facts.page;

	process->is_unrecorded = page->is_unrecorded;
	process->state = page->state;
	process->handler[0] = '\0';
	memcpy(process->id, page->id, sizeof(process->id));
	if (!page->is_unrecorded)
		return;
	process->request_since = page->request_since;
	memcpy(process->client, page->client, sizeof(process->client));
	memcpy(process->request, page->request, sizeof(process->request));
	memcpy(process->handler, page->handler, sizeof(process->handler));
}

void
rows_resume(struct client *c)
{
	const struct ledger_row *row = row_of(c);
	struct scoreboard_page *page = &c->seat->page;

	*page = (struct scoreboard_page){ .pid = c->worker->facts.page->pid,
		.state = SCOREBOARD_WAITING,
		.requests = row->requests,
		.bytes_received = row->received,
		.bytes_sent = row->sent };
	c->seat->shown = *page;
}

void
rows_show(struct client *c)
{
	count(c);
	show_work(c);
	show_row(c);
}

/* One that is not idle ends by its socket. */
static void
obey(struct client *c, uint32_t order)
{
	c->is_told = true;
	if (c->seat) {
		c->seat->page.is_draining = true;
		c->seat->page.is_unwanted = true;
	}
	if (order == LEDGER_END)
		shutdown(c->socket, SHUT_RDWR);
	loop_nudge(&c->wait.watch);
}

void
rows_hear(struct worker *w)
{
	struct client *c, *next;

	for (c = w->clients; c; c = next) {
		const struct ledger_row *row = row_of(c);
		uint32_t order = row->order_serial == row->serial ?
		    __atomic_load_n(&row->order, __ATOMIC_ACQUIRE) :
		    LEDGER_GO_ON;

		next = c->next;
		if (order != LEDGER_GO_ON &&
		    (!c->is_told || order == LEDGER_END))
			obey(c, order);
	}
}
