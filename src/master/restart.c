/* SPDX-License-Identifier: ISC */
#include "master/restart.h"

/* A generation that lived shorter than this is replaced after a delay. */
#define SHORT_LIFE_MS	 1000
#define FIRST_DELAY_MS	 100
#define LONGEST_DELAY_MS 5000

/* A generation that handlers crash in is not replaced more often than this. */
#define RENEWAL_MS 60000

/* The same for one whose folders are other ones, since whoever can change them
 * could have generation after generation started. */
#define FOLLOWING_MS 10000

void
restart_plan(struct restart *r, int64_t lived_ms, int64_t now_ms)
{
	if (lived_ms >= SHORT_LIFE_MS)
		r->delay_ms = 0;
	r->due_ms = now_ms + r->delay_ms;
	r->delay_ms = r->delay_ms ? r->delay_ms * 2 : FIRST_DELAY_MS;
	if (r->delay_ms > LONGEST_DELAY_MS)
		r->delay_ms = LONGEST_DELAY_MS;
}

void
restart_cancel(struct restart *r)
{
	r->due_ms = INT64_MAX;
}

static bool
is_due(int64_t *last_ms, int64_t interval_ms, int64_t now_ms)
{
	if (*last_ms && now_ms - *last_ms < interval_ms)
		return false;
	*last_ms = now_ms;
	return true;
}

bool
restart_renew(struct restart *r, int64_t now_ms)
{
	return is_due(&r->renewed_ms, RENEWAL_MS, now_ms);
}

bool
restart_follow(struct restart *r, int64_t now_ms)
{
	return is_due(&r->followed_ms, FOLLOWING_MS, now_ms);
}
