/* SPDX-License-Identifier: ISC */
#include "generation/reject.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Long enough for a client on a slow path to read 200 octets. */
#define LINGER_MS 1000

/* No Date: RFC 9110 6.6.1 requires it in 2xx to 4xx only. */
#define RESPONSE(length, reason) \
	"HTTP/1.1 503 Service Unavailable\r\n" \
	"Server: prong\r\n" \
	"Content-Type: text/plain; charset=utf-8\r\n" \
	"Content-Length: " length "\r\n" \
	"Retry-After: 5\r\n" \
	"Connection: close\r\n" \
	"\r\n" \
	"503 Service Unavailable: " reason ".\n"

static const char *const responses[] = {
	[REJECT_CROWDED] = RESPONSE("47", "too many connections"),
	[REJECT_PUNISHED] = RESPONSE("60", "connections of yours have crashed"),
};

static void
drop(struct rejects *r, size_t i)
{
	close(r->items[i].fd);
	r->count--;
	memmove(&r->items[i], &r->items[i + 1],
	    (r->count - i) * sizeof(r->items[0]));
}

/*
 * The kernel throws away the octets that have arrived: with MSG_TRUNC it copies
 * nothing of a TCP stream (tcp(7)). So there is no buffer, and the system call
 * is made directly, because sanitizers would check the buffer of recv(3). False
 * at the end of the stream. A client that sends without end has its next turn
 * after the others.
 */
static bool
discard(int fd)
{
	int tries = 4;
	long n;

	do
		n = syscall(SYS_recvfrom, fd, NULL, 1 << 20,
		    MSG_TRUNC | MSG_DONTWAIT, NULL, NULL);
	while (n > 0 && --tries > 0);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool
is_unix(int fd)
{
	int domain = AF_UNSPEC;
	socklen_t length = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
	    domain == AF_UNIX;
}

void
reject_send(struct rejects *r, int fd, enum reject_reason reason,
    int64_t now_ms)
{
	const char *response = responses[reason];

	if (send(fd, response, strlen(response), MSG_DONTWAIT | MSG_NOSIGNAL) <
		0 ||
	    is_unix(fd) || shutdown(fd, SHUT_WR) < 0 || !discard(fd)) {
		close(fd);
		return;
	}
	if (r->count == REJECT_MAX)
		drop(r, 0);
	r->items[r->count].fd = fd;
	r->items[r->count].until_ms = now_ms + LINGER_MS;
	r->count++;
}

size_t
reject_poll_set(const struct rejects *r, struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		fds[i] = (struct pollfd){ .fd = r->items[i].fd,
			.events = POLLIN };
	return r->count;
}

void
reject_polled(struct rejects *r, const struct pollfd *fds, int64_t now_ms)
{
	size_t i = r->count;

	/* Backwards: dropping an item moves only the items after it. */
	while (i-- > 0) {
		if (r->items[i].until_ms <= now_ms ||
		    (fds[i].revents && !discard(r->items[i].fd)))
			drop(r, i);
	}
}

int64_t
reject_next_ms(const struct rejects *r)
{
	return r->count ? r->items[0].until_ms : INT64_MAX;
}
