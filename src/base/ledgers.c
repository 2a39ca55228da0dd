/*
 * One memory for all ledgers, with two mappings (shared_memory.h): a worker has
 * its own part for writing and sees all. A ledger begins with its head; two tables
 * of peers and the rows follow. A small one, of a process that has a client at a
 * time, has no tables.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/ledgers_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/dontfork.h"
#include "base/peers.h"

struct ledgers *ledgers_current;

static size_t
table_offset(void)
{
	return dontfork_whole_pages(sizeof(struct ledger_head));
}

static size_t
rows_offset(size_t connections)
{
	return table_offset() +
	    dontfork_whole_pages(2 * peers_bytes(2 * connections));
}

static size_t
whole_bytes(size_t connections)
{
	return rows_offset(connections) +
	    dontfork_whole_pages(connections * sizeof(struct ledger_row));
}

static size_t
small_bytes(void)
{
	return dontfork_whole_pages(sizeof(struct ledger_head)) +
	    dontfork_whole_pages(sizeof(struct ledger_row));
}

static size_t
offset_of(const struct ledgers *l, size_t number)
{
	return number < l->count ?
	    number * l->whole :
	    l->count * l->whole + (number - l->count) * l->small;
}

static size_t
bytes_of(const struct ledgers *l, size_t number)
{
	return number < l->count ? l->whole : l->small;
}

static size_t
rows_of(const struct ledgers *l, size_t number)
{
	return number < l->count ? l->connections : 1;
}

static void
look_at_small(struct ledger_view *view, unsigned char *memory)
{
	view->head = (struct ledger_head *)(void *)memory;
	view->rows = (struct ledger_row *)(void *)(memory +
	    dontfork_whole_pages(sizeof(struct ledger_head)));
}

static bool
look(struct ledger_view *view, unsigned char *memory, size_t connections,
    uint64_t seed)
{
	unsigned char *tables = memory + table_offset();

	view->head = (struct ledger_head *)(void *)memory;
	view->clients = peers_at(tables, 2 * connections, seed);
	view->networks = peers_at(tables + peers_bytes(2 * connections),
	    2 * connections, seed);
	view->rows = (struct ledger_row *)(void *)(memory +
	    rows_offset(connections));
	return view->clients && view->networks;
}

static bool
look_at_all(struct ledgers *l)
{
	uint64_t seed;
	size_t i;

	/* Written by nobody: the mapping cannot be. */
	unsigned char *shown = (unsigned char *)(uintptr_t)l->memory.shown;

	if (getrandom(&seed, sizeof(seed), 0) < 0)
		seed = (uint64_t)(uintptr_t)l;
	for (i = 0; i < l->count; i++)
		if (!look(&l->own[i], l->memory.own + offset_of(l, i),
			l->connections, seed) ||
		    !look(&l->shown[i], shown + offset_of(l, i), l->connections,
			seed))
			return false;
	for (; i < l->all; i++) {
		look_at_small(&l->own[i], l->memory.own + offset_of(l, i));
		look_at_small(&l->shown[i], shown + offset_of(l, i));
	}
	return true;
}

static int
make_memory(struct ledgers *l, int file)
{
	const size_t bytes = offset_of(l, l->all);

	return file > 0 ?
	    shared_memory_make_in(&l->memory, file, bytes, bytes, true) :
	    shared_memory_make(&l->memory, "prong-ledgers", bytes, bytes, true);
}

static bool
make(struct ledgers *l, int file)
{
	l->own = calloc(l->all, sizeof(*l->own));
	l->shown = calloc(l->all, sizeof(*l->shown));
	l->taken = calloc(l->all, sizeof(*l->taken));
	l->passed = calloc(l->all, sizeof(*l->passed));
	if (!l->own || !l->shown || !l->taken || !l->passed ||
	    make_memory(l, file) < 0)
		return false;
	close(l->memory.writable);
	close(l->memory.readable);
	return look_at_all(l);
}

static struct ledgers *
allocate(const struct ledgers_size *size)
{
	struct ledgers *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->count = (size_t)size->workers + 1;
	l->all = l->count + size->others;
	l->connections = size->connections;
	l->whole = whole_bytes(l->connections);
	l->small = small_bytes();
	return l;
}

/* Lives as long as the process: a failure ends the start. */
struct ledgers *
ledgers_new(const struct ledgers_size *size, int file)
{
	struct ledgers *l = allocate(size);

	if (!l || !make(l, file)) {
		free(l);
		return NULL;
	}
	ledgers_current = l;
	return l;
}

/* Without the tables of peers. */
static void
look_at_rows(struct ledgers *l)
{
	unsigned char *shown = (unsigned char *)(uintptr_t)l->memory.shown;
	size_t i;

	for (i = 0; i < l->count; i++) {
		unsigned char *ledger = shown + offset_of(l, i);

		l->shown[i].head = (struct ledger_head *)(void *)ledger;
		l->shown[i].rows = (struct ledger_row *)(void *)(ledger +
		    rows_offset(l->connections));
	}
	for (; i < l->all; i++)
		look_at_small(&l->shown[i], shown + offset_of(l, i));
}

bool
ledgers_look(int file, const struct ledgers_size *size)
{
	struct ledgers *l = allocate(size);

	if (!l)
		return false;
	l->shown = calloc(l->all, sizeof(*l->shown));
	l->memory.shown = shared_memory_look(file, offset_of(l, l->all),
	    &l->memory.shown_bytes);
	ledgers_current = l;
	if (l->shown && l->memory.shown) {
		look_at_rows(l);
		return true;
	}
	ledgers_look_away();
	return false;
}

void
ledgers_look_away(void)
{
	struct ledgers *l = ledgers_current;

	if (!l)
		return;
	if (l->memory.shown)
		munmap((void *)(uintptr_t)l->memory.shown,
		    l->memory.shown_bytes);
	free(l->shown);
	free(l);
	ledgers_current = NULL;
}

size_t
ledgers_workers(const struct ledgers *l)
{
	return l->count - 1;
}

size_t
ledgers_processes(const struct ledgers *l)
{
	return l->all - 1;
}

size_t
ledgers_rows(const struct ledgers *l)
{
	return l->connections;
}

int
ledgers_share(struct ledgers *l, size_t number, bool with_fork)
{
	return madvise(l->memory.own + offset_of(l, number),
	    bytes_of(l, number), with_fork ? MADV_DOFORK : MADV_DONTFORK);
}

void *
ledgers_memory(const struct ledgers *l, size_t number, size_t *bytes)
{
	*bytes = bytes_of(l, number);
	return l->memory.own + offset_of(l, number);
}

/* Gives the memory back, too. */
void
ledgers_clear(struct ledgers *l, size_t number)
{
	size_t bytes;
	void *memory = ledgers_memory(l, number, &bytes);

	if (madvise(memory, bytes, MADV_REMOVE) < 0)
		memset(memory, 0, bytes);
	l->taken[number] = 0;
	l->passed[number] = 0;
}

void
ledgers_count(struct ledgers *l, size_t number, int more)
{
	__atomic_fetch_add(&l->own[number].head->connections, (uint64_t)more,
	    __ATOMIC_RELEASE);
}

void
ledgers_enter(struct ledgers *l, size_t number, struct address_key client)
{
	const struct ledger_view *view = &l->own[number];

	peers_add(view->clients, client);
	peers_add(view->networks, address_key_network(client));
}

void
ledgers_leave(struct ledgers *l, size_t number, struct address_key client)
{
	const struct ledger_view *view = &l->own[number];

	peers_remove(view->clients, client);
	peers_remove(view->networks, address_key_network(client));
}

/* No more is believed of a ledger than there may be connections. */
static size_t
believed(const struct ledgers *l, uint64_t claimed)
{
	return claimed < l->connections ? (size_t)claimed : l->connections;
}

/* Neither is counted elsewhere: those that are given away, and not taken yet, and
 * those that are on their way here. They are read in the order in which a connection
 * comes and goes, so that none is overlooked in between. */
size_t
ledgers_in(const struct ledgers *l, size_t number)
{
	const struct ledger_head *head = l->shown[number].head;
	const uint64_t taken = ledgers_taken_parcels(l, number);
	const uint64_t on_way = ledgers_on_way(l, number);
	const uint64_t now = __atomic_load_n(&head->connections,
	    __ATOMIC_ACQUIRE);
	const uint64_t put = __atomic_load_n(&head->put_parcels,
	    __ATOMIC_RELAXED);

	return believed(l, now) +
	    (put - taken <= LEDGERS_PARCELS ? (size_t)(put - taken) : 0) +
	    (size_t)(on_way < LEDGERS_ON_WAY ? on_way : LEDGERS_ON_WAY);
}

size_t
ledgers_connections(const struct ledgers *l)
{
	size_t i, sum = 0;

	for (i = 0; i < l->count; i++)
		sum += ledgers_in(l, i);
	return sum;
}

size_t
ledgers_of_client(const struct ledgers *l, struct address_key client)
{
	size_t i, sum = 0;

	for (i = 0; i < l->count; i++)
		sum += believed(l, peers_count(l->shown[i].clients, client));
	return sum;
}

size_t
ledgers_of_network(const struct ledgers *l, struct address_key network)
{
	size_t i, sum = 0;

	for (i = 0; i < l->count; i++)
		sum += believed(l, peers_count(l->shown[i].networks, network));
	return sum;
}

const struct peers *
ledgers_clients(const struct ledgers *l, size_t number)
{
	return l->shown[number].clients;
}

struct ledger_row *
ledgers_row(const struct ledgers *l, size_t number, size_t row)
{
	return &l->own[number].rows[row];
}

void
ledgers_order(struct ledgers *l, size_t number, size_t row, uint32_t serial,
    enum ledger_order order)
{
	struct ledger_row *r = ledgers_row(l, number, row);

	r->order_serial = serial;
	__atomic_store_n(&r->order, order, __ATOMIC_RELEASE);
}

bool
ledgers_read_row(const struct ledgers *l, size_t number, size_t row,
    struct ledger_row *copy)
{
	if (row >= rows_of(l, number))
		return false;
	memcpy(copy, &l->shown[number].rows[row], sizeof(*copy));
	copy->handler[sizeof(copy->handler) - 1] = '\0';
	copy->client[sizeof(copy->client) - 1] = '\0';
	copy->request[sizeof(copy->request) - 1] = '\0';
	return copy->state != 0;
}

size_t
ledgers_used_rows(const struct ledgers *l, size_t number)
{
	const uint64_t claimed =
	    __atomic_load_n(&l->shown[number].head->used_rows,
		__ATOMIC_RELAXED);
	const size_t rows = rows_of(l, number);

	return claimed < rows ? (size_t)claimed : rows;
}

void
ledgers_note_row(struct ledgers *l, size_t number, size_t row)
{
	struct ledger_head *head = l->own[number].head;

	if (head->used_rows <= row)
		__atomic_store_n(&head->used_rows, row + 1, __ATOMIC_RELAXED);
}
