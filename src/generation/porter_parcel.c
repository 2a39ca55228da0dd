/* SPDX-License-Identifier: ISC */
#include "generation/porter_parcel.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/fdpass.h"
#include "base/memfd.h"
#include "connection/connection.h"
#include "generation/porter_messages.h"

uint64_t
porter_parcel_number(size_t place, uint64_t sequence)
{
	return ((uint64_t)place + 1) << PORTER_PLACE_SHIFT | sequence;
}

/*
 * In a worker.
 */

static size_t
sum_of(const struct iovec *pieces, size_t count)
{
	size_t i, sum = 0;

	for (i = 0; i < count; i++)
		sum += pieces[i].iov_len;
	return sum;
}

/* The first piece is the head of the message. */
static int
send_whole(int socket, const struct iovec *pieces, size_t count, int client)
{
	return fdpass_send(socket, pieces, count, &client, 1, MSG_DONTWAIT) <
		0 ?
	    -1 :
	    0;
}

static int
send_beside(int socket, const struct iovec *head, int client,
    const struct iovec *unread, size_t count)
{
	int fds[2] = { client,
		memfd_from_pieces("prong-parcel", unread, count) };
	ssize_t n;

	if (fds[1] < 0)
		return -1;
	n = fdpass_send(socket, head, 1, fds, 2, MSG_DONTWAIT);
	descriptor_close(fds[1]);
	return n < 0 ? -1 : 0;
}

int
porter_send_parcel(int socket, const struct worker_label *label, int client,
    const struct connection_facts *facts, const struct iovec *unread,
    size_t count)
{
	struct {
		struct porter_message message;
		struct porter_facts facts;
	} head = { .message = { .number = label->sequence,
		       .other = label->passed,
		       .order = PORTER_PARCEL } };
	struct iovec pieces[1 + PORTER_PIECES_MAX] = { { &head,
	    sizeof(head) } };

	assert(label->sequence > 0 && label->sequence <= PORTER_SEQUENCE_MAX);
	assert(count <= PORTER_PIECES_MAX);
	porter_facts_put(&head.facts, facts);
	if (count > 0)
		memcpy(pieces + 1, unread, count * sizeof(unread[0]));
	if (sum_of(unread, count) <= PORTER_OCTETS) {
		if (send_whole(socket, pieces, 1 + count, client) == 0)
			return 0;
		/* The send buffer of this system is that small. */
		if (errno != EMSGSIZE)
			return -1;
	}
	return send_beside(socket, pieces, client, unread, count);
}

static int
say(int socket, enum porter_order order, uint64_t number, int fd)
{
	const struct porter_message message = { .number = number,
		.order = (uint32_t)order };

	return porter_send(socket, &message, fd);
}

int
porter_send_done(int socket, uint64_t number)
{
	return say(socket, PORTER_DONE, number, -1);
}

int
porter_send_socket(int socket, uint64_t number, int client)
{
	return say(socket, PORTER_TAKE, number, client);
}

/*
 * In the process that takes the parcel.
 */

static int
read_beside(int memory, char *unread, size_t size, size_t *length)
{
	struct stat st;

	if (!memfd_is_sealed(memory)) {
		errno = EBADMSG;
		return -1;
	}
	if (fstat(memory, &st) < 0)
		return -1;
	if ((uintmax_t)st.st_size > size) {
		errno = EMSGSIZE;
		return -1;
	}
	*length = (size_t)st.st_size;
	return memfd_read(memory, unread, *length);
}

static int
take_octets(const struct porter_contents *contents, size_t octets, int memory,
    char *unread, size_t size, size_t *length)
{
	if (memory >= 0)
		return read_beside(memory, unread, size, length);
	if (octets > size) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(unread, contents->octets, octets);
	*length = octets;
	return 0;
}

static int
take(const struct porter_contents *contents, size_t bytes, int memory,
    struct connection_facts *facts, char *unread, size_t size, size_t *length)
{
	if (bytes < sizeof(contents->facts) ||
	    !porter_facts_get(&contents->facts, facts)) {
		errno = EBADMSG;
		return -1;
	}
	return take_octets(contents, bytes - sizeof(contents->facts), memory,
	    unread, size, length);
}

int
porter_claim_parcel(int socket, uint64_t number, struct connection_facts *facts,
    char *unread, size_t size, size_t *length)
{
	struct porter_contents contents;
	int fds[FDPASS_MAX];
	ssize_t n = porter_ask(socket, PORTER_CLAIM_PARCEL, number, &contents,
	    sizeof(contents), fds);

	if (n < 0)
		return -1;
	if (fds[0] < 0) /* descriptors ran out */
		errno = EMFILE;
	else if (take(&contents, (size_t)n, fds[1], facts, unread, size,
		     length) == 0) {
		descriptor_close(fds[1]);
		return fds[0];
	}
	descriptor_close(fds[0]);
	descriptor_close(fds[1]);
	return -1;
}

/*
 * In a worker to which it was passed.
 */

static int
take_passed(const struct porter_parcel *p, size_t bytes, int memory,
    size_t size, struct worker_arrival *arrival)
{
	char *room = malloc(size), *octets = NULL;
	size_t length = 0;

	if (room &&
	    take(&p->contents, bytes, memory, &arrival->facts, room, size,
		&length) == 0)
		octets = malloc(length + 1);
	if (octets)
		memcpy(octets, room, length);
	free(room);
	if (!octets)
		return -1;
	arrival->octets = (struct slice){ octets, length };
	arrival->is_shared = p->message.other != 0;
	arrival->is_refused = p->message.is_refused != 0;
	return 0;
}

int
porter_receive_parcel(int socket, size_t size, struct worker_arrival *arrival)
{
	static struct porter_parcel parcel;
	int fds[FDPASS_MAX];
	ssize_t n = fdpass_receive(socket, &parcel, sizeof(parcel), fds,
	    MSG_DONTWAIT);

	*arrival = (struct worker_arrival){ .passed = 0 };
	if (n <= 0) {
		errno = n == 0 ? EPIPE : errno;
		return -1;
	}
	if ((size_t)n == sizeof(parcel.message) &&
	    parcel.message.order == PORTER_MISSING) {
		arrival->is_missing = true;
		errno = ENOENT;
		return -1;
	}
	if ((size_t)n >= sizeof(parcel.message))
		arrival->passed = parcel.message.number;
	if (fds[0] < 0) /* descriptors ran out */
		errno = EMFILE;
	else if ((size_t)n < sizeof(parcel.message))
		errno = EBADMSG;
	else if (take_passed(&parcel, (size_t)n - sizeof(parcel.message),
		     fds[1], size, arrival) == 0) {
		descriptor_close(fds[1]);
		/* If the porter does not hear it now, it has a copy until the
		 * connection ends. */
		say(socket, PORTER_HAVE, arrival->passed, -1);
		return fds[0];
	}
	descriptor_close(fds[0]);
	descriptor_close(fds[1]);
	return -1;
}
