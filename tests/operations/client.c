/* SPDX-License-Identifier: ISC */
#include "client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* After a failure, lest a server that refuses is asked without a break. */
#define PENANCE_US 10000

/* The kernel would take a whole answer in at once for a client that wants to
 * be slow. */
#define PACED_BUFFER_BYTES 65536

static bool
is_kept(const struct kind *k, size_t number)
{
	return k->keep == KEEP_ALL || (k->keep == KEEP_HALF && number % 2 == 0);
}

/* Whose content it is: the build's that its head names, or the target's. */
static void
begin_content(struct client *c, const struct answer *a)
{
	const char *build = answer_field(a, "X-Build");
	char owner[32];

	c->build = build ? strtol(build, NULL, 10) : -1;
	snprintf(owner, sizeof(owner), "build %ld", c->build);
	pattern_begin(&c->content, build ? owner : c->target->path);
}

static bool
check_content(const struct answer *a, const char *data, size_t length, void *of)
{
	struct client *c = of;
	enum pattern_verdict verdict;

	if (a->received == 0)
		begin_content(c, a);
	verdict = pattern_check(&c->content, data, length);
	c->is_mixed = verdict == PATTERN_OTHER_OWNER && c->build >= 0;
	return verdict == PATTERN_SAME;
}

void
client_init(struct client *c, struct run *run, struct kind *kind, size_t number)
{
	c->run = run;
	c->kind = kind;
	c->number = number;
	c->step = CLIENT_RESTING;
	c->fd = -1;
	c->is_kept = is_kept(kind, number);
	c->expected = (struct expectation){
		.status = 200, .check = check_content, .of = c
	};
}

static void
disconnect(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void
rest(struct client *c, int64_t us)
{
	c->step = CLIENT_RESTING;
	c->resume_us = clock_us() + us;
}

static void
fail(struct client *c, enum failure failure, const char *reason)
{
	char detail[TALLY_DETAIL_BYTES];

	snprintf(detail, sizeof(detail),
	    "%s after %" PRIu64 " of %" PRIu64 " octets of %.40s", reason,
	    c->answer.received, c->target->bytes, c->target->path);
	tally_failure(&c->kind->tally, failure, clock_us() - c->run->start_us,
	    detail);
	disconnect(c);
	c->began_us = 0;
	rest(c, PENANCE_US);
}

/* Watched once for everything, edge by edge: every step goes on until the
 * kernel has nothing more to give or take. */
static int
watch(struct client *c)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = c,
	};

	return epoll_ctl(c->run->epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static bool
connect_client(struct client *c)
{
	bool is_paced = c->kind->pace_us > 0;

	c->fd = loopback_connect(&c->run->address,
	    is_paced ? PACED_BUFFER_BYTES : 0);
	if (c->fd >= 0 && watch(c) == 0) {
		c->kind->tally.connections++;
		return true;
	}
	/* The queue of a Unix socket is full: what TCP waits for by itself. */
	if (errno == EAGAIN && clock_us() - c->began_us < c->run->patience_us) {
		disconnect(c);
		c->step = CLIENT_RESTING;
		return false;
	}
	fail(c, FAILURE_REFUSED, strerror(errno));
	return false;
}

static void
write_head(struct client *c)
{
	const struct target *t = c->target;
	char length[64] = "";

	if (c->kind->upload == UPLOAD_LENGTH)
		snprintf(length, sizeof(length),
		    "Content-Length: %" PRIu64 "\r\n", t->bytes);
	else if (c->kind->upload == UPLOAD_CHUNKED)
		snprintf(length, sizeof(length),
		    "Transfer-Encoding: chunked\r\n");
	c->out_length = (size_t)snprintf(c->out, sizeof(c->out),
	    "%s %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: hammer-%s\r\n"
	    "%s%s\r\n",
	    c->kind->upload ? "POST" : "GET", t->path, c->kind->name, length,
	    c->is_kept ? "" : "Connection: close\r\n");
	c->out_sent = 0;
	c->body_left = c->kind->upload ? t->bytes : 0;
	c->has_last_chunk = c->kind->upload == UPLOAD_CHUNKED;
	pattern_begin(&c->body, t->path);
}

/* What the server has done to a connection while the client rested. One that
 * asks on at once does not look: nor would it see much across a network, where
 * its request and the server's close pass each other. */
static bool
is_closed(struct client *c)
{
	char octet;
	ssize_t n;

	if (c->kind->pause_us == 0)
		return false;
	n = recv(c->fd, &octet, 1, MSG_PEEK);
	return n == 0 || (n < 0 && errno != EAGAIN);
}

static bool
begin_request(struct client *c)
{
	const struct kind *k = c->kind;

	c->target = &k->targets[(c->number + c->asked) % k->target_count];
	answer_begin(&c->answer);
	c->expected.body_length = c->target->bytes;
	c->build = -1;
	c->is_mixed = false;
	c->send_error = 0;
	if (c->fd >= 0 && is_closed(c)) {
		c->kind->tally.closed_idle++;
		disconnect(c);
	}
	/* Else it is the same request, whose connection had to wait. */
	if (c->began_us == 0)
		c->began_us = clock_us();
	if (c->fd < 0 && !connect_client(c))
		return false;
	c->asked++;
	c->heard_us = clock_us();
	write_head(c);
	c->step = CLIENT_ASKING;
	return true;
}

/* The end of a rest; false when it goes on. */
static bool
proceed_resting(struct client *c)
{
	if (c->run->is_over) {
		disconnect(c);
		c->step = CLIENT_FINISHED;
		return false;
	}
	if (c->resume_us == 0 || clock_us() >= c->resume_us)
		return begin_request(c);
	return false;
}

/* How many octets of the content may have gone through by now. */
static uint64_t
allowance(const struct client *c)
{
	int64_t gone = clock_us() - c->began_us, pace = c->kind->pace_us;
	uint64_t bytes = c->target->bytes;

	if (gone >= pace)
		return UINT64_MAX;
	return (uint64_t)((double)bytes * (double)gone / (double)pace);
}

static size_t
write_piece(struct client *c, size_t length)
{
	size_t n = 0;

	if (c->kind->upload == UPLOAD_CHUNKED)
		n = (size_t)sprintf(c->out, "%zx\r\n", length);
	pattern_write(&c->body, c->out + n, length);
	n += length;
	if (c->kind->upload == UPLOAD_CHUNKED) {
		memcpy(c->out + n, "\r\n", 2);
		n += 2;
	}
	return n;
}

/* The next piece of the body, if there is one and it is due. */
static bool
next_piece(struct client *c)
{
	size_t length = c->body_left < PIECE_BYTES ? (size_t)c->body_left :
						     PIECE_BYTES;
	uint64_t sent = c->target->bytes - c->body_left;

	c->out_sent = 0;
	c->out_length = 0;
	if (length > 0 && sent + length <= allowance(c)) {
		c->out_length = write_piece(c, length);
		c->body_left -= length;
	} else if (length == 0 && c->has_last_chunk) {
		memcpy(c->out, "0\r\n\r\n", 5);
		c->out_length = 5;
		c->has_last_chunk = false;
	}
	return c->out_length > 0;
}

static bool
is_sent(const struct client *c)
{
	return c->out_sent == c->out_length && c->body_left == 0 &&
	    !c->has_last_chunk;
}

/* These return whether it is worth while to go on at once. */
static bool
send_some(struct client *c)
{
	ssize_t n;

	if (c->send_error || is_sent(c))
		return false;
	if (c->out_sent == c->out_length && !next_piece(c))
		return false;
	n = send(c->fd, c->out + c->out_sent, c->out_length - c->out_sent,
	    MSG_NOSIGNAL);
	if (n < 0) {
		/* The server may have answered before it closed. */
		if (errno != EAGAIN)
			c->send_error = errno;
		return false;
	}
	c->out_sent += (size_t)n;
	c->heard_us = clock_us();
	return true;
}

static void
count_answer(struct client *c)
{
	struct tally *t = &c->kind->tally;

	latency_count(&t->latencies, (uint64_t)(clock_us() - c->began_us));
	t->octets += c->answer.received;
	if (c->build >= 0)
		c->run->answers_by_build[c->build < BUILDS_MAX ?
			c->build :
			BUILDS_MAX - 1]++;
	c->began_us = 0;
}

/* From half of what its kind says to the whole, without order. */
static int64_t
pause_us(const struct client *c)
{
	int64_t half = c->kind->pause_us / 2;

	return half == 0 ?
	    0 :
	    half + (int64_t)((c->number + 1) * c->asked * 7919) % half;
}

static void
answered(struct client *c)
{
	if (!is_sent(c)) {
		fail(c, FAILURE_MALFORMED, "answered before the request ended");
		return;
	}
	count_answer(c);
	if (!c->is_kept || c->answer.close)
		c->step = CLIENT_ENDING;
	else
		rest(c, pause_us(c));
}

static void
received(struct client *c, const char *data, size_t length)
{
	char reason[32];

	switch (answer_take(&c->answer, data, length, &c->expected)) {
	case ANSWER_INCOMPLETE:
		break;
	case ANSWER_COMPLETE:
		answered(c);
		break;
	case ANSWER_WRONG_STATUS:
		snprintf(reason, sizeof(reason), "%d", c->answer.status);
		fail(c, FAILURE_STATUS, reason);
		break;
	case ANSWER_MISMATCH:
		fail(c, c->is_mixed ? FAILURE_MIXED : FAILURE_CONTENT,
		    "not what is due");
		break;
	case ANSWER_MALFORMED:
	default:
		fail(c, FAILURE_MALFORMED, "not an answer");
	}
}

/* The connection has ended, with that error or 0, where an answer was due. */
static void
lost(struct client *c, int error)
{
	const char *reason = error ? strerror(error) : "closed";

	if (error == ECONNREFUSED)
		fail(c, FAILURE_REFUSED, reason);
	else if (c->answer.head_length > 0)
		fail(c, FAILURE_CUT, reason);
	else
		fail(c, error ? FAILURE_RESET : FAILURE_CLOSED, reason);
}

/* How much may be read; 0 when the pace says that nothing may. */
static size_t
appetite(const struct client *c, size_t size)
{
	uint64_t allowed, had = c->answer.received;

	if (c->kind->pace_us == 0 || c->kind->upload)
		return size;
	allowed = allowance(c);
	if (had == 0 || allowed >= had + size)
		return size;
	/* Small bites would cost both sides much. */
	return allowed > had + PIECE_BYTES ? PIECE_BYTES : 0;
}

static bool
receive_some(struct client *c)
{
	static char buffer[65536];
	size_t size = appetite(c, sizeof(buffer));
	ssize_t n;

	if (size == 0)
		return false;
	n = recv(c->fd, buffer, size, 0);
	if (n > 0) {
		c->heard_us = clock_us();
		received(c, buffer, (size_t)n);
	} else if (n == 0 || errno != EAGAIN) {
		lost(c, n == 0 ? c->send_error : errno);
	} else if (c->send_error) {
		lost(c, c->send_error);
	} else {
		return false;
	}
	return true;
}

/* A whole answer has come: only more of it, or a reset that the client could
 * have seen instead, is wrong now. */
static bool
proceed_ending(struct client *c)
{
	char octet;
	ssize_t n = recv(c->fd, &octet, 1, 0);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n > 0) {
		fail(c, FAILURE_MALFORMED, "octets behind the answer");
	} else if (n < 0) {
		fail(c, FAILURE_RESET_LATE, strerror(errno));
	} else {
		disconnect(c);
		rest(c, 0);
	}
	return true;
}

static bool
proceed_asking(struct client *c)
{
	bool has_moved = send_some(c);

	return receive_some(c) || has_moved;
}

void
client_proceed(struct client *c)
{
	bool more = true;

	while (more && c->step != CLIENT_FINISHED) {
		if (c->step == CLIENT_RESTING)
			more = proceed_resting(c);
		else if (c->step == CLIENT_ASKING)
			more = proceed_asking(c);
		else
			more = proceed_ending(c);
	}
}

void
client_check_time(struct client *c)
{
	int64_t now = clock_us();

	if (c->step != CLIENT_ASKING && c->step != CLIENT_ENDING)
		return;
	if (now - c->heard_us > c->run->patience_us)
		fail(c, FAILURE_TIMEOUT, "silence");
	else if (c->step == CLIENT_ASKING &&
	    now - c->began_us > c->run->request_us)
		fail(c, FAILURE_TIMEOUT, "no end");
}

void
client_end(struct client *c)
{
	if (c->step == CLIENT_ASKING || c->step == CLIENT_ENDING)
		fail(c, FAILURE_TIMEOUT, "no end");
	disconnect(c);
	c->step = CLIENT_FINISHED;
}
