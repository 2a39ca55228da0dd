/*
 * Rejects: a constant response 503 to a client that cannot be served, without a
 * process. The kernel throws away the octets of the
 * client unread. The descriptor lingers for a moment, so that a reset does not
 * overtake the response (RFC 9112 9.6).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_REJECT_H
#define PRONG_CONNECTION_REJECT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/totals.h"

struct address;
struct configuration;
struct ratelimit;

/* Descriptors that may linger at a time; beyond that the oldest is closed. */
#define REJECT_MAX 64

struct rejects {
	struct {
		int fd;
		int64_t until_ms; /* clock_ms */
	} items[REJECT_MAX];
	size_t count;
};

enum reject_reason {
	REJECT_CROWDED,
	REJECT_PUNISHED /* its connections crash before handlers are called */
};

static inline enum reject_reason
reject_reason_of(enum refusal refusal)
{
	return refusal == REFUSAL_PENALTY ? REJECT_PUNISHED : REJECT_CROWDED;
}

/* The parts of the rest, for who has other means to wait: sends 503 and shuts the
 * socket. The octets of content that were sent; *lingers: the client sends, so the
 * socket is to be closed later, until then by reject_discard when it is readable.
 * That returns false when the client has ended. Neither waits. */
uint64_t reject_say(int fd, enum reject_reason reason, bool *lingers);
bool reject_discard(int fd);

/* How long a socket lingers. */
#define REJECT_LINGER_MS 1000

/* Sends 503 and closes the socket, now or soon; takes fd over. Returns the octets
 * of content that were sent. */
uint64_t reject_send(struct rejects *rejects, int fd, enum reject_reason reason,
    int64_t now_ms);

/* Logs at most now and then (ratelimit.h) that the client, or its network, has as
 * many connections as it may. */
void reject_log_ceiling(struct ratelimit *ratelimit,
    const struct configuration *configuration, const struct address *client,
    bool is_client);

/* Puts the lingering sockets into fds, which has room for REJECT_MAX; returns
 * their number. */
size_t reject_poll_set(const struct rejects *rejects, struct pollfd *fds);

/* Called after a poll of exactly these sockets: discards and closes. */
void reject_polled(struct rejects *rejects, const struct pollfd *fds,
    int64_t now_ms);

/* The time at which the next socket is closed, INT64_MAX for none. */
int64_t reject_next_ms(const struct rejects *rejects);

#endif
