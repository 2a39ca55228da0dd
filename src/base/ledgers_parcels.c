/*
 * What goes from one process to another: parcels, which a worker gives away, and
 * connections that are on their way to one.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/ledgers_internal.h"

#include <string.h>

bool
ledgers_has_room(const struct ledgers *l, size_t number)
{
	return l->own[number].head->put_parcels -
	    ledgers_taken_parcels(l, number) <
	    LEDGERS_PARCELS;
}

bool
ledgers_put_parcel(struct ledgers *l, size_t number,
    const struct ledger_parcel *parcel)
{
	struct ledger_head *head = l->own[number].head;
	const uint64_t put = head->put_parcels;

	if (!ledgers_has_room(l, number))
		return false;
	head->parcels[put % LEDGERS_PARCELS] = *parcel;
	__atomic_store_n(&head->put_parcels, put + 1, __ATOMIC_RELEASE);
	return true;
}

/* A broken worker can write any length. */
static void
settle_length(struct address *address)
{
	if (address->length > sizeof(address->storage))
		address->length = 0;
}

bool
ledgers_next_parcel(const struct ledgers *l, size_t number,
    struct ledger_parcel *parcel)
{
	const struct ledger_head *head = l->own[number].head;
	const uint64_t taken = l->taken[number];

	if (__atomic_load_n(&head->put_parcels, __ATOMIC_ACQUIRE) == taken)
		return false;
	memcpy(parcel, &head->parcels[taken % LEDGERS_PARCELS],
	    sizeof(*parcel));
	settle_length(&parcel->peer);
	settle_length(&parcel->server);
	return true;
}

void
ledgers_drop_parcel(struct ledgers *l, size_t number)
{
	struct ledger_head *head = l->own[number].head;

	l->taken[number]++;
	__atomic_store_n(&head->taken_parcels, l->taken[number],
	    __ATOMIC_RELEASE);
}

uint64_t
ledgers_taken_parcels(const struct ledgers *l, size_t number)
{
	return __atomic_load_n(&l->shown[number].head->taken_parcels,
	    __ATOMIC_ACQUIRE);
}

void
ledgers_note_passed(struct ledgers *l, size_t number)
{
	__atomic_store_n(&l->own[number].head->passed, ++l->passed[number],
	    __ATOMIC_RELEASE);
}

void
ledgers_note_received(struct ledgers *l, size_t number)
{
	__atomic_fetch_add(&l->own[number].head->received, 1, __ATOMIC_RELEASE);
}

uint64_t
ledgers_on_way(const struct ledgers *l, size_t number)
{
	const struct ledger_head *head = l->shown[number].head;
	const uint64_t passed = __atomic_load_n(&head->passed,
	    __ATOMIC_ACQUIRE);
	const uint64_t received = __atomic_load_n(&head->received,
	    __ATOMIC_ACQUIRE);

	return received < passed ? passed - received : 0;
}

void
ledgers_note_begun(struct ledgers *l, size_t number)
{
	__atomic_fetch_add(&l->own[number].head->begun, 1, __ATOMIC_RELEASE);
}

uint64_t
ledgers_begun(const struct ledgers *l, size_t number)
{
	return __atomic_load_n(&l->shown[number].head->begun, __ATOMIC_ACQUIRE);
}
