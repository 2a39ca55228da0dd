/* SPDX-License-Identifier: ISC */
#include "base/pulse.h"

void
pulse_hear(struct pulse *p, int64_t now_ms)
{
	*p = (struct pulse){ .heard_ms = now_ms };
}

int64_t
pulse_due_ms(const struct pulse *p)
{
	return p->asked_ms > 0 ? p->asked_ms + PULSE_PATIENCE_MS :
				 p->heard_ms + PULSE_INTERVAL_MS;
}

enum pulse_verdict
pulse_check(struct pulse *p, int64_t now_ms)
{
	int64_t late_ms = now_ms - pulse_due_ms(p);

	if (late_ms < 0)
		return PULSE_BEATS;
	if (p->asked_ms > 0 && late_ms < PULSE_LATE_MS)
		return PULSE_STOPPED;
	p->asked_ms = now_ms;
	return PULSE_ASK;
}
