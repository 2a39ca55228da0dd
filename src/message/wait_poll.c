/* SPDX-License-Identifier: ISC */
#include "message/wait_poll.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "base/clock.h"
#include "base/handler_stderr.h"
#include "base/log.h"
#include "base/nudge.h"

/* Below the kernel's own limit of 2 GiB. */
#define MAX_FILE_OCTETS (UINT64_C(1) << 30)

/* Milliseconds until the deadline for poll: between 0 and INT_MAX. */
static int
remaining_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_ms();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

static int
for_client(struct wait *wait, int fd, short events, int64_t deadline_ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	(void)wait;
	for (;;) {
		int timeout = remaining_ms(deadline_ms);
		int n = poll(&pfd, 1, timeout);

		log_debug("poll(%d, %s, %d ms) = %d", fd,
		    events == POLLIN ? "POLLIN" : "POLLOUT", timeout, n);
		if (n > 0)
			return 0;
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

/* Polls the standard error of handlers, too. A nudge ends it. */
static int
for_request(struct wait *wait, int fd, int64_t deadline_ms)
{
	struct pollfd pfds[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = handler_stderr_descriptor(), .events = POLLIN },
	};
	const int64_t rest_ms = wait->rest_after_ms > 0 ?
	    clock_ms() + wait->rest_after_ms :
	    INT64_MAX;
	int timeout = remaining_ms(clock_earlier(rest_ms, deadline_ms));
	int n = nudge_poll(pfds, 2, timeout);

	log_debug("poll(%d, POLLIN, %d ms) = %d", fd, timeout, n);
	if (n < 0)
		return -1;
	if (n == 0) {
		errno = rest_ms < deadline_ms ? ECANCELED : ETIMEDOUT;
		return -1;
	}
	if (pfds[1].revents)
		handler_stderr_drain();
	if (pfds[0].revents)
		return 0;
	errno = EAGAIN;
	return -1;
}

static const struct wait_methods methods = {
	.for_client = for_client,
	.for_request = for_request,
	.max_file_octets = MAX_FILE_OCTETS,
};

static struct wait by_poll = { .methods = &methods };

struct wait *
wait_poll(void)
{
	return &by_poll;
}
