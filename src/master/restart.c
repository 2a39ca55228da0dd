/* SPDX-License-Identifier: ISC */
#include "master/restart.h"

/* A generation that lived shorter than this is replaced after a delay. */
#define SHORT_LIFE_MS	 1000
#define FIRST_DELAY_MS	 100
#define LONGEST_DELAY_MS 5000

/* A generation that handlers crash in is not replaced more often than this. */
#define RENEWAL_MS 60000

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

bool
restart_renew(struct restart *r, int64_t now_ms)
{
	if (r->renewed_ms && now_ms - r->renewed_ms < RENEWAL_MS)
		return false;
	r->renewed_ms = now_ms;
	return true;
}
