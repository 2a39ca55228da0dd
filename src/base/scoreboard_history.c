/*
 * The last minutes of the server, in samples. The generation that serves takes one
 * every few seconds. A sample has counts since the start, of which readers take the
 * differences: so samples of several generations fit together.
 *
 * SPDX-License-Identifier: ISC
 */
#include <string.h>
#include <time.h>

#include <prong/handler.h>

#include "base/clock.h"
#include "base/dontfork.h"
#include "base/scoreboard_layout.h"

#define INTERVAL_MS 5000

/* Until the generation before has added what its connections have counted. */
#define FIRST_MS 1000

/* In memory that a fork does not copy. */
struct scoreboard_sampler {
	int64_t next_ms; /* of clock_ms */
	struct header header;
	struct scoreboard_living living;
	uint64_t before[TALLY_BUCKETS], now[TALLY_BUCKETS], more[TALLY_BUCKETS];
	struct annals_sample last;
};

static int64_t
wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
sum_buckets(const struct scoreboard_living *l, uint64_t sum[TALLY_BUCKETS])
{
	size_t i, j;

	memset(sum, 0, TALLY_BUCKETS * sizeof(sum[0]));
	for (i = 0; i < ANNALS_SERIES; i++)
		for (j = 0; j < TALLY_BUCKETS; j++)
			sum[j] += l->series[i].buckets[j];
}

/* The upper end of the bucket which that part of the requests does not exceed, in
 * hundredths. 0: there was no request. */
static uint64_t
quantile_us(const uint64_t buckets[TALLY_BUCKETS], unsigned hundredths)
{
	uint64_t count = 0, seen = 0;
	size_t i;

	for (i = 0; i < TALLY_BUCKETS; i++)
		count += buckets[i];
	if (count == 0)
		return 0;
	for (i = 0; i < TALLY_BUCKETS - 2; i++) {
		seen += buckets[i];
		if (seen * 100 >= count * hundredths)
			break;
	}
	return prong_stats_bound_us(i);
}

/* Of the requests since the sample before. */
static void
measure(struct scoreboard_sampler *m, struct annals_sample *sample)
{
	size_t i;

	sum_buckets(&m->living, m->now);
	for (i = 0; i < TALLY_BUCKETS; i++)
		m->more[i] = m->now[i] > m->before[i] ?
		    m->now[i] - m->before[i] :
		    0;
	memcpy(m->before, m->now, sizeof(m->before));
	sample->p50_us = quantile_us(m->more, 50);
	sample->p99_us = quantile_us(m->more, 99);
}

static struct annals_sample
sample_of(const struct scoreboard_living *l)
{
	const struct totals *t = &l->totals;

	return (struct annals_sample){
		.time_ms = wall_ms(),
		.requests = t->of[TOTAL_REQUESTS],
		.responses_4xx = t->of[TOTAL_RESPONSES + 4],
		.responses_5xx = t->of[TOTAL_RESPONSES + 5],
		.refused = t->of[TOTAL_REFUSED],
		.received = t->of[TOTAL_RECEIVED],
		.sent = t->of[TOTAL_SENT],
		.connections = l->count,
	};
}

static void
push(struct annals_history *h, const struct annals_sample *sample)
{
	const uint64_t count = __atomic_load_n(&h->count, __ATOMIC_RELAXED);

	h->samples[count % ANNALS_SAMPLES] = *sample;
	__atomic_store_n(&h->count, count + 1, __ATOMIC_RELEASE);
}

static bool
open_sampler(struct scoreboard *s, int64_t now_ms)
{
	s->sampler = dontfork_alloc(sizeof(*s->sampler));
	if (!s->sampler)
		return false;
	s->sampler->next_ms = now_ms + FIRST_MS;
	return true;
}

/* A server in which nothing happens need not wake. Workers do not wake the
 * generation, nor do connections that live. */
static bool
is_quiet(const struct scoreboard *s, const struct annals_sample *sample)
{
	const struct annals_sample *last = &s->sampler->last;

	return s->workers == 0 && sample->connections == 0 &&
	    last->connections == 0 && sample->requests == last->requests &&
	    sample->refused == last->refused;
}

int64_t
scoreboard_keep_history(struct scoreboard *s)
{
	const int64_t now_ms = clock_ms();
	struct scoreboard_sampler *m;
	struct annals_sample sample;
	bool quiet;

	if (s->is_draining || s->is_stopping ||
	    (!s->sampler && !open_sampler(s, now_ms)))
		return INT64_MAX;
	m = s->sampler;
	if (now_ms < m->next_ms)
		return m->next_ms;
	if (!scoreboard_read_living(&m->header, &m->living))
		return INT64_MAX;
	sample = sample_of(&m->living);
	measure(m, &sample);
	push(&s->annals->history, &sample);
	quiet = is_quiet(s, &sample);
	m->last = sample;
	m->next_ms = now_ms + INTERVAL_MS;
	return quiet ? INT64_MAX : m->next_ms;
}

/* One that is overwritten meanwhile is left out. */
static bool
read_sample(const struct annals_history *h, uint64_t number,
    struct annals_sample *sample)
{
	*sample = h->samples[number % ANNALS_SAMPLES];
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&h->count, __ATOMIC_RELAXED) - number <
	    ANNALS_SAMPLES;
}

static uint64_t
more(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static struct prong_sample
difference(const struct annals_sample *a, const struct annals_sample *b)
{
	return (struct prong_sample){
		.time_ms = b->time_ms,
		.interval_ms = b->time_ms - a->time_ms,
		.requests = more(b->requests, a->requests),
		.responses_4xx = more(b->responses_4xx, a->responses_4xx),
		.responses_5xx = more(b->responses_5xx, a->responses_5xx),
		.refused = more(b->refused, a->refused),
		.bytes_received = more(b->received, a->received),
		.bytes_sent = more(b->sent, a->sent),
		.connections = b->connections,
		.p50_us = b->p50_us,
		.p99_us = b->p99_us,
	};
}

/* A cursor is the number of the sample before, plus 1; 0 begins with the eldest. */
int
scoreboard_history(uint64_t *cursor, struct prong_sample *sample)
{
	const struct annals *annals = scoreboard_current ?
	    scoreboard_current->shown :
	    NULL;
	struct annals_sample a, b;
	uint64_t count, first;

	if (!annals)
		return 0;
	count = __atomic_load_n(&annals->history.count, __ATOMIC_ACQUIRE);
	first = count > ANNALS_SAMPLES - 1 ? count - (ANNALS_SAMPLES - 1) : 0;
	if (*cursor < first + 1)
		*cursor = first + 1;
	for (; *cursor < count; ++*cursor)
		if (read_sample(&annals->history, *cursor - 1, &a) &&
		    read_sample(&annals->history, *cursor, &b)) {
			*sample = difference(&a, &b);
			++*cursor;
			return 1;
		}
	return 0;
}
