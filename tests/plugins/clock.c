/*
 * Preloaded by tests (LD_PRELOAD): the clock is set PRONG_CLOCK_SECONDS on between
 * the start of the master and that of its generations, which have this clock.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long seconds;

__attribute__((__constructor__)) static void
begin(int argc, char *argv[])
{
	const char *text = getenv("PRONG_CLOCK_SECONDS");

	if (text && argc > 1 && strcmp(argv[1], "--generation") == 0)
		seconds = atol(text);
}

__attribute__((__visibility__("default"))) int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (result == 0 && clock == CLOCK_REALTIME)
		now->tv_sec += seconds;
	return result;
}

__attribute__((__visibility__("default"))) time_t
time(time_t *result)
{
	struct timespec now = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	if (result)
		*result = now.tv_sec;
	return now.tv_sec;
}
