/* SPDX-License-Identifier: ISC */
#include "cli/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/scoreboard.h"
#include "cli/inquiry.h"

/* More than a server can have: what is read may never end. */
#define CONNECTIONS_MAX 200000
#define HANDLERS_MAX	256

/* One more element, NULL without memory. */
static void *
grow(void **array, size_t *count, size_t size)
{
	void *grown = *array;

	/* Doubled at each power of two. */
	if ((*count & (*count - 1)) == 0)
		grown = realloc(*array, (*count ? 2 * *count : 1) * size);
	if (!grown)
		return NULL;
	*array = grown;
	return (char *)grown + (*count)++ * size;
}

static uint64_t
read_connections(struct figures *f, unsigned long long generation)
{
	struct prong_connection_stats stats;
	struct figures_connection *c;
	uint64_t cursor = 0, count = 0;
	size_t handler;

	while (f->connection_count < CONNECTIONS_MAX &&
	    scoreboard_connection_stats(&cursor, &stats, &handler)) {
		count++;
		c = grow((void **)&f->connections_shown, &f->connection_count,
		    sizeof(*c));
		if (c)
			*c = (struct figures_connection){ generation, stats };
	}
	return count;
}

static void
read_handlers(struct figures *f)
{
	static struct prong_handler_stats stats;
	struct prong_handler_stats *h;
	uint64_t cursor = 0;

	while (f->handler_count < HANDLERS_MAX &&
	    scoreboard_handler_stats(&cursor, &stats, 0)) {
		h = grow((void **)&f->handlers, &f->handler_count, sizeof(*h));
		if (h)
			*h = stats;
	}
}

/* The counts of the server are those that the serving generation shows; before it
 * is ready, those of another. */
static void
read_server(struct figures *f, const struct inquiry_generation *g,
    struct figures_generation *to)
{
	static struct prong_server_stats stats;

	if (scoreboard_server_stats(&stats) != 0)
		return;
	to->connections = stats.connections_now;
	f->connections += stats.connections_now;
	if (f->is_known && strcmp(g->phase, "serving") != 0)
		return;
	f->is_known = true;
	f->server = stats;
	f->handler_count = 0;
	free(f->handlers);
	f->handlers = NULL;
	read_handlers(f);
}

static void
read_generation(struct figures *f, const struct inquiry_generation *g,
    int totals)
{
	struct figures_generation *to = grow((void **)&f->generations,
	    &f->generation_count, sizeof(*to));

	if (!to)
		return;
	*to = (struct figures_generation){ .number = g->number, .pid = g->pid };
	memcpy(to->phase, g->phase, sizeof(to->phase));
	to->is_known = g->scoreboard >= 0 &&
	    scoreboard_look(g->scoreboard, g->ledgers, totals);
	if (!to->is_known)
		return;
	read_server(f, g, to);
	read_connections(f, g->number);
	scoreboard_look_away();
}

void
figures_read(struct figures *f, const struct inquiry_memory *memory)
{
	size_t i;

	*f = (struct figures){ .time_ms = clock_ms() };
	for (i = 0; i < memory->count; i++)
		read_generation(f, &memory->generations[i], memory->totals);
}

void
figures_free(struct figures *f)
{
	free(f->generations);
	free(f->handlers);
	free(f->connections_shown);
	*f = (struct figures){ .is_known = false };
}

/*
 * Durations.
 */

struct buckets {
	uint64_t of[PRONG_STATS_BUCKETS], max_us;
};

static void
add_buckets(struct buckets *b, const struct prong_handler_stats *h)
{
	size_t i;

	for (i = 0; i < PRONG_STATS_BUCKETS; i++)
		b->of[i] += h->latency[i];
	if (h->latency_max_us > b->max_us)
		b->max_us = h->latency_max_us;
}

/* The upper bound of the bucket in which the part is reached. */
static uint64_t
quantile(const struct buckets *b, uint64_t count, unsigned percent)
{
	const uint64_t wanted = count - count * (100 - percent) / 100;
	uint64_t sum = 0, bound;
	size_t i;

	for (i = 0; i < PRONG_STATS_BUCKETS; i++) {
		sum += b->of[i];
		if (sum >= wanted)
			break;
	}
	bound = prong_stats_bound_us(i);
	return bound < b->max_us ? bound : b->max_us;
}

static struct figures_latency
latency_of(const struct buckets *b)
{
	struct figures_latency l = { .max = b->max_us };
	size_t i;

	for (i = 0; i < PRONG_STATS_BUCKETS; i++)
		l.count += b->of[i];
	if (l.count == 0)
		return l;
	l.p50 = quantile(b, l.count, 50);
	l.p90 = quantile(b, l.count, 90);
	l.p99 = quantile(b, l.count, 99);
	return l;
}

struct figures_latency
figures_latency_of(const struct prong_handler_stats *h)
{
	struct buckets b = { .max_us = 0 };

	add_buckets(&b, h);
	return latency_of(&b);
}

struct figures_latency
figures_latency(const struct figures *f)
{
	struct buckets b = { .max_us = 0 };
	size_t i;

	for (i = 0; i < f->handler_count; i++)
		if (f->handlers[i].route[0] == '\0')
			add_buckets(&b, &f->handlers[i]);
	return latency_of(&b);
}

/*
 * Counts.
 */

const char *
figures_refusal(size_t index)
{
	static const char *const names[PRONG_STATS_REFUSALS] = { "full",
		"client", "network", "penalty", "pool" };

	return names[index];
}

uint64_t
figures_requests(const struct prong_handler_stats *h)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < 6; i++)
		sum += h->responses[i];
	return sum;
}

double
figures_rate(const struct figures *before, const struct figures *now,
    uint64_t count_before, uint64_t count_now)
{
	const int64_t ms = now->time_ms - before->time_ms;

	if (!before->is_known || !now->is_known || ms <= 0 ||
	    count_now < count_before)
		return -1;
	return (double)(count_now - count_before) * 1000 / (double)ms;
}

/*
 * Orders.
 */

static const char *const orders[FIGURES_ORDERS] = {
	[FIGURES_BUSY] = "busiest",
	[FIGURES_AGE] = "age",
	[FIGURES_REQUESTS] = "requests",
	[FIGURES_SENT] = "sent",
	[FIGURES_CLIENT] = "client",
};

const char *
figures_order_name(enum figures_order order)
{
	return orders[order];
}

static int
compare(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

static int
by_age(const void *a, const void *b)
{
	const struct figures_connection *x = a, *y = b;

	return compare(x->stats.age, y->stats.age);
}

static int
by_requests(const void *a, const void *b)
{
	const struct figures_connection *x = a, *y = b;

	return compare((int64_t)x->stats.requests, (int64_t)y->stats.requests);
}

static int
by_sent(const void *a, const void *b)
{
	const struct figures_connection *x = a, *y = b;

	return compare((int64_t)x->stats.bytes_sent,
	    (int64_t)y->stats.bytes_sent);
}

static int
by_client(const void *a, const void *b)
{
	const struct figures_connection *x = a, *y = b;

	return strcmp(x->stats.client, y->stats.client);
}

static int
is_busy(const struct figures_connection *c)
{
	return c->stats.request_since != 0;
}

static int
by_business(const void *a, const void *b)
{
	const struct figures_connection *x = a, *y = b;
	int result = compare(is_busy(x), is_busy(y));

	if (result == 0)
		result = compare(x->stats.request_age, y->stats.request_age);
	return result ? result : by_requests(a, b);
}

void
figures_sort(struct figures *f, enum figures_order order)
{
	static int (*const comparisons[])(const void *, const void *) = {
		[FIGURES_BUSY] = by_business,
		[FIGURES_AGE] = by_age,
		[FIGURES_REQUESTS] = by_requests,
		[FIGURES_SENT] = by_sent,
		[FIGURES_CLIENT] = by_client,
	};

	if (f->connection_count > 0)
		qsort(f->connections_shown, f->connection_count,
		    sizeof(f->connections_shown[0]), comparisons[order]);
}
