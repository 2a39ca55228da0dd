/* SPDX-License-Identifier: ISC */
#include "connection/reject.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/address.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "config/configuration.h"
#include "http/page.h"

/* The way home would be refused, too. No Date: RFC 9110 6.6.1 requires it in 2xx
 * to 4xx only. */
#define REFUSED		   "503 Service Unavailable"
#define RETRY_AFTER	   "Retry-After: 5\r\n"
#define REFUSAL(sentences) PAGE(REFUSED, sentences, "")

PAGE_RESPONSE(crowded, REFUSED, 592, RETRY_AFTER,
    REFUSAL("Too many connections. Please try again in a while."));
PAGE_RESPONSE(punished, REFUSED, 605, RETRY_AFTER,
    REFUSAL("Connections of yours have crashed. Please try again in a while."));

static const struct page_response *const responses[] = {
	[REJECT_CROWDED] = &crowded,
	[REJECT_PUNISHED] = &punished,
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
bool
reject_discard(int fd)
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

uint64_t
reject_say(int fd, enum reject_reason reason, bool *lingers)
{
	const struct page_response *response = responses[reason];

	*lingers = false;
	if (send(fd, response->text, response->bytes,
		MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return 0;
	*lingers = !is_unix(fd) && shutdown(fd, SHUT_WR) == 0 &&
	    reject_discard(fd);
	return response->bytes - response->head_bytes;
}

uint64_t
reject_send(struct rejects *r, int fd, enum reject_reason reason,
    int64_t now_ms)
{
	bool lingers;
	const uint64_t content = reject_say(fd, reason, &lingers);

	if (!lingers) {
		close(fd);
		return content;
	}
	if (r->count == REJECT_MAX)
		drop(r, 0);
	r->items[r->count].fd = fd;
	r->items[r->count].until_ms = now_ms + REJECT_LINGER_MS;
	r->count++;
	return content;
}

void
reject_log_ceiling(struct ratelimit *ratelimit, const struct configuration *c,
    const struct address *client, bool is_client)
{
	char text[ADDRESS_TEXT_BYTES];

	if (ratelimit_allows(ratelimit))
		log_warning("refused %s: its %s max_connections_per_%s = %zu "
			    "connections already",
		    address_format(client, text),
		    is_client ? "address has" : "network has",
		    is_client ? "client" : "network",
		    is_client ? c->max_connections_per_client :
				c->max_connections_per_network);
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
		    (fds[i].revents && !reject_discard(r->items[i].fd)))
			drop(r, i);
	}
}

int64_t
reject_next_ms(const struct rejects *r)
{
	return r->count ? r->items[0].until_ms : INT64_MAX;
}
