/*
 * A client of hammer: asks one request after the other and checks every answer.
 *
 *	resting		until its next request is due
 *	asking		a request is under way
 *	ending		the answer is whole, the server closes next
 *	finished	there is nothing more to ask
 *
 * A connection that the server closes while a client pauses costs nothing: the
 * next request has a new one. Once the first octet of a request has gone out,
 * everything but its whole, right answer is a failure; and where there is no
 * pause, a server that will close must have said so in its last answer.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef OPERATIONS_CLIENT_H
#define OPERATIONS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer.h"
#include "loopback.h"
#include "pattern.h"
#include "tally.h"

#define TARGETS_MAX 8
#define PIECE_BYTES 16384
#define BUILDS_MAX  64

enum keep { KEEP_ALL, KEEP_HALF, KEEP_NONE };
enum upload { UPLOAD_NONE, UPLOAD_LENGTH, UPLOAD_CHUNKED };

struct target {
	const char *path; /* with the query */
	uint64_t bytes;	  /* of its content */
};

/* What clients of a kind do. */
struct kind {
	const char *name;
	size_t clients;
	struct target targets[TARGETS_MAX]; /* asked for in turn */
	size_t target_count;
	enum keep keep; /* whose connections are kept */
	enum upload upload;
	int64_t pace_us;  /* content takes so long at least */
	int64_t pause_us; /* rests so long at most */
	struct tally tally;
};

/* What all clients share. */
struct run {
	int epoll;
	struct loopback address;
	int64_t start_us;
	int64_t patience_us; /* with a server that says nothing */
	int64_t request_us;  /* the longest that a request may take */
	bool is_over;	     /* begin no request any more */
	uint64_t answers_by_build[BUILDS_MAX]; /* the last: and above */
};

enum client_step {
	CLIENT_RESTING,
	CLIENT_ASKING,
	CLIENT_ENDING,
	CLIENT_FINISHED
};

struct client {
	struct run *run;
	struct kind *kind;
	size_t number; /* among its kind */
	enum client_step step;
	int fd; /* -1: no connection */
	bool is_kept;
	uint64_t asked;
	int64_t resume_us;	    /* when it has rested */
	int64_t began_us, heard_us; /* the last sign of life */
	const struct target *target;
	/* What goes out: the head, then the body piece by piece. */
	char out[PIECE_BYTES + 64];
	size_t out_length, out_sent;
	uint64_t body_left;
	bool has_last_chunk; /* to send yet */
	int send_error;
	struct pattern body;
	/* What comes in. */
	struct answer answer;
	struct expectation expected;
	struct pattern content;
	long build; /* -1: it names none */
	bool is_mixed;
};

void client_init(struct client *client, struct run *run, struct kind *kind,
    size_t number);

/* Goes on as far as the kernel, and its pace, let it. */
void client_proceed(struct client *client);

/* Gives up a request that has taken too long. */
void client_check_time(struct client *client);

/* Gives up what is under way, as a time-out, and finishes. */
void client_end(struct client *client);

#endif
