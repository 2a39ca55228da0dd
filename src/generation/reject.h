/*
 * Rejects: the generation itself sends a constant response 503 to a client that
 * cannot be served, without a process. The kernel throws away the octets of the
 * client unread. The descriptor lingers for a moment, so that a reset does not
 * overtake the response (RFC 9112 9.6).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_REJECT_H
#define PRONG_GENERATION_REJECT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

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

/* Sends 503 and closes the socket, now or soon; takes fd over. Returns the octets
 * of content that were sent. */
uint64_t reject_send(struct rejects *rejects, int fd, enum reject_reason reason,
    int64_t now_ms);

/* Puts the lingering sockets into fds, which has room for REJECT_MAX; returns
 * their number. */
size_t reject_poll_set(const struct rejects *rejects, struct pollfd *fds);

/* Called after a poll of exactly these sockets: discards and closes. */
void reject_polled(struct rejects *rejects, const struct pollfd *fds,
    int64_t now_ms);

/* The time at which the next socket is closed, INT64_MAX for none. */
int64_t reject_next_ms(const struct rejects *rejects);

#endif
