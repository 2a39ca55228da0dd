/* SPDX-License-Identifier: ISC */
#include "generation/queue.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "generation/crowd.h"

void
queue_put_back(struct queue *q, size_t index, const struct guest *guest,
    int64_t until_ms)
{
	struct waiter *w = &q->waiters[index];

	assert(q->count < QUEUE_MAX && index <= q->count);
	memmove(w + 1, w, (q->count - index) * sizeof(*w));
	*w = (struct waiter){ .guest = *guest, .until_ms = until_ms };
	q->count++;
}

void
queue_join(struct queue *q, const struct guest *guest, int64_t until_ms)
{
	queue_put_back(q, q->count, guest, until_ms);
}

struct guest
queue_take(struct queue *q, size_t index)
{
	struct waiter *w = &q->waiters[index];
	struct guest guest = w->guest;

	q->count--;
	memmove(w, w + 1, (q->count - index) * sizeof(*w));
	return guest;
}

size_t
queue_waiting(const struct queue *q, const struct address *client)
{
	const struct address_key key = address_client_key(client);
	size_t i, n = 0;

	for (i = 0; i < q->count; i++) {
		struct address_key other =
		    address_client_key(&q->waiters[i].guest.peer);

		n += address_key_equal(key, other);
	}
	return n;
}

static size_t
weight(const struct queue *q, size_t index)
{
	return crowd_weight(q->crowd, &q->waiters[index].guest.peer);
}

size_t
queue_first(const struct queue *q)
{
	size_t i, first = 0, least = weight(q, 0), w;

	for (i = 1; i < q->count; i++) {
		w = weight(q, i);
		if (w < least) {
			least = w;
			first = i;
		}
	}
	return first;
}

bool
queue_find_heavy(const struct queue *q, size_t *index)
{
	size_t i, most = 0, w;

	for (i = 0; i < q->count; i++) {
		const struct address *client = &q->waiters[i].guest.peer;

		w = crowd_weight_with(q->crowd, client,
		    queue_waiting(q, client));
		if (w < most)
			continue;
		most = w;
		*index = i;
	}
	return crowd_is_heavy(q->crowd, most);
}

bool
queue_find_late(const struct queue *q, int64_t now_ms, size_t *index)
{
	size_t i;

	for (i = 0; i < q->count; i++) {
		if (q->waiters[i].until_ms > now_ms)
			continue;
		*index = i;
		return true;
	}
	return false;
}

int64_t
queue_next_ms(const struct queue *q)
{
	int64_t next_ms = INT64_MAX;
	size_t i;

	for (i = 0; i < q->count; i++)
		next_ms = clock_earlier(next_ms, q->waiters[i].until_ms);
	return next_ms;
}
