/*
 * The porter's own process. It obeys one order after the other, and reads
 * nothing else.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "generation/closer.h"
#include "generation/porter_messages.h"

struct kept {
	uint64_t number;
	int socket;
};

struct state {
	int socket;
	struct closer closer;
	void *kept; /* tree of struct kept, by number (tsearch(3)) */
};

static int
compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static struct kept *
find(const struct state *s, uint64_t number)
{
	const struct kept wanted = { .number = number };
	struct kept **found = tfind(&wanted, &s->kept, compare);

	return found ? *found : NULL;
}

static void
keep(struct state *s, uint64_t number, int socket)
{
	struct kept *k = calloc(1, sizeof(*k));

	if (k) {
		k->number = number;
		k->socket = socket;
		if (tsearch(k, &s->kept, compare))
			return;
		free(k);
	}
	close(socket);
}

static void
drop(struct state *s, uint64_t number)
{
	struct kept *k = find(s, number);

	if (!k)
		return;
	tdelete(k, &s->kept, compare);
	closer_close(&s->closer, k->socket);
	free(k);
}

static void
hand_out(const struct state *s, uint64_t number, int receiver)
{
	const struct kept *k = find(s, number);
	char octet = 0;
	const struct iovec iov = { &octet, 1 };

	if (k)
		fdpass_send(receiver, &iov, 1, &k->socket, 1, MSG_DONTWAIT);
	close(receiver);
}

static void
obey(struct state *s, const struct porter_message *message, int fd)
{
	if (message->order == PORTER_DROP)
		drop(s, message->number);
	else if (fd < 0)
		return; /* descriptors ran out */
	else if (message->order == PORTER_CLAIM)
		hand_out(s, message->number, fd);
	else
		keep(s, message->number, fd);
}

void
porter_run(int socket)
{
	struct state s = { .socket = socket };
	struct porter_message message;
	int fds[FDPASS_MAX];
	ssize_t n;

	closer_start(&s.closer);
	do {
		n = fdpass_receive(s.socket, &message, sizeof(message), fds, 0);
		if (n > 0)
			obey(&s, &message, fds[0]);
	} while (n > 0 || (n < 0 && errno == EINTR));
	_exit(0);
}
