/* SPDX-License-Identifier: ISC */
#include "base/log_channel.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"
#include "base/hot.h"

/* As the log process has it (QUIET_LOOKS in generation/log_process.c). */
#define SLEEP_AFTER_MS 1000

static HOT struct {
	const struct rings *rings; /* NULL: none */
	struct ring_place place;
	size_t slot;
	uint64_t read; /* may be behind */
	bool waits;
	int64_t patient_at_ms; /* lines wait from then on */
	int64_t put_ms;	       /* the time of the last line, or of the begin */
	size_t lost;
} channel;

void
log_channel_open(const struct rings *rings, size_t slot)
{
	channel.rings = rings;
	channel.slot = slot;
	channel.place = rings_place(rings, slot, &channel.read);
	channel.waits = true;
	channel.put_ms = clock_ms();
	channel.lost = 0;
}

void
log_channel_never_wait(void)
{
	channel.waits = false;
}

void
log_channel_open_own(const struct rings *rings)
{
	channel.rings = rings;
	channel.slot = rings_own_slot(rings);
	channel.place = rings_own_place(rings);
	channel.read = rings_read(rings, channel.slot);
	channel.waits = false;
}

void
log_channel_close(void)
{
	channel.rings = NULL;
}

bool
log_channel_is_open(void)
{
	return channel.rings;
}

static bool
put_now(const struct ring_record *record)
{
	if (ring_put(&channel.place, channel.read, record))
		return true;
	channel.read = rings_read(channel.rings, channel.slot);
	return ring_put(&channel.place, channel.read, record);
}

/* The log process looks again within milliseconds, if it runs at all. Pauses are
 * counted, not the time: whoever has no processor for a while does not know whether
 * the log process had one. */
static bool
put_later(const struct ring_record *record)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int pauses;

	if (!channel.waits || clock_ms() < channel.patient_at_ms)
		return false;
	for (pauses = 0; pauses < LOG_CHANNEL_WAIT_MS; pauses++) {
		nanosleep(&pause, NULL);
		rings_wake(channel.rings, RINGS_PAUSES);
		if (put_now(record))
			return true;
	}
	channel.patient_at_ms = clock_ms() + LOG_CHANNEL_PAUSE_MS;
	return false;
}

/* Half a ring is left for the lines until the log process has come. */
static bool
is_half_full(void)
{
	if (ring_pending(&channel.place, channel.read) <=
	    channel.place.size / 2)
		return false;
	channel.read = rings_read(channel.rings, channel.slot);
	return ring_pending(&channel.place, channel.read) >
	    channel.place.size / 2;
}

/* The log process sleeps after a second without lines and new connections. The
 * page that says whether it does is not touched before: that costs a fault. */
static void
wake_log(enum rings_kind kind)
{
	int64_t now_ms = clock_ms();

	/* A line of the error log is rare, and somebody may wait for it. */
	if (kind != RINGS_ACCESS || is_half_full())
		rings_wake(channel.rings, RINGS_PAUSES);
	else if (!channel.waits || now_ms - channel.put_ms > SLEEP_AFTER_MS / 2)
		rings_wake(channel.rings, RINGS_ASLEEP);
	channel.put_ms = now_ms;
}

int
log_channel_put(enum rings_kind kind, unsigned level, const char *text,
    size_t length)
{
	const struct ring_record record = { kind, level, text, length };
	int saved = errno;
	bool is_put = put_now(&record) || put_later(&record);

	if (is_put)
		wake_log(kind);
	else if (kind != RINGS_ACCESS)
		channel.lost++;
	errno = saved;
	return is_put ? 0 : -1;
}

size_t
log_channel_take_lost(void)
{
	size_t lost = channel.lost;

	if (lost > 0 && is_half_full())
		return 0;
	channel.lost = 0;
	return lost;
}
