/* SPDX-License-Identifier: ISC */
#include "tally.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const names[] = {
	[FAILURE_REFUSED] = "refused",
	[FAILURE_RESET] = "reset",
	[FAILURE_CLOSED] = "closed",
	[FAILURE_CUT] = "cut",
	[FAILURE_RESET_LATE] = "reset-late",
	[FAILURE_STATUS] = "status",
	[FAILURE_MALFORMED] = "malformed",
	[FAILURE_CONTENT] = "content",
	[FAILURE_MIXED] = "mixed",
	[FAILURE_TIMEOUT] = "timeout",
};

void
tally_failure(struct tally *t, enum failure failure, int64_t us,
    const char *detail)
{
	if (t->failures[failure]++ > 0)
		return;
	t->first[failure].us = us;
	snprintf(t->first[failure].detail, TALLY_DETAIL_BYTES, "%s", detail);
}

uint64_t
tally_failures(const struct tally *t)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < FAILURES; i++)
		sum += t->failures[i];
	return sum;
}

void
tally_print(const struct tally *t, const char *kind, size_t clients)
{
	int i;

	printf("%s clients=%zu requests=%" PRIu64 " connections=%" PRIu64
	       " closed_idle=%" PRIu64 " octets=%" PRIu64 " p50=%" PRIu64
	       " p99=%" PRIu64 " max=%" PRIu64 " failed=%" PRIu64 "\n",
	    kind, clients, t->latencies.total, t->connections, t->closed_idle,
	    t->octets, latency_permille(&t->latencies, 500),
	    latency_permille(&t->latencies, 990), t->latencies.max_us,
	    tally_failures(t));
	for (i = 0; i < FAILURES; i++)
		if (t->failures[i] > 0)
			printf("failure kind=%s what=%s count=%" PRIu64
			       " first=%.3f detail=%s\n",
			    kind, names[i], t->failures[i],
			    (double)t->first[i].us / 1e6, t->first[i].detail);
}
