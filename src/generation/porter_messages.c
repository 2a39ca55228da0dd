/* SPDX-License-Identifier: ISC */
#include "generation/porter_messages.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "connection/connection.h"

static int
send_with(int socket, const struct porter_message *message, int fd, int flags)
{
	const struct iovec iov = { (void *)(uintptr_t)message,
		sizeof(*message) };

	return fdpass_send(socket, &iov, 1, &fd, fd >= 0, flags) < 0 ? -1 : 0;
}

int
porter_send(int socket, const struct porter_message *message, int fd)
{
	return send_with(socket, message, fd, MSG_DONTWAIT);
}

/* A porter that does not keep up is waited for, as its response is. */
static int
send_at_last(int socket, const struct porter_message *message, int fd)
{
	int n;

	while ((n = send_with(socket, message, fd, 0)) < 0 && errno == EINTR)
		continue;
	return n;
}

ssize_t
porter_ask(int socket, enum porter_order order, uint64_t number, void *data,
    size_t size, int *fds)
{
	const struct porter_message message = { .number = number,
		.order = (uint32_t)order };
	int pair[2], error;
	ssize_t n = -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	error = send_at_last(socket, &message, pair[1]) < 0 ? errno : 0;
	close(pair[1]);
	if (error == 0) {
		while ((n = fdpass_receive(pair[0], data, size, fds, 0)) < 0 &&
		    errno == EINTR)
			continue;
		error = n == 0 ? ENOENT : errno;
	}
	close(pair[0]);
	errno = error;
	return n > 0 ? n : -1;
}

static void
put_address(struct sockaddr_storage *storage, uint32_t *length,
    const struct address *address)
{
	memcpy(storage, &address->storage, address->length);
	*length = (uint32_t)address->length;
}

void
porter_facts_put(struct porter_facts *out, const struct connection_facts *facts)
{
	/* Also between the members, so that nothing else is sent. */
	memset(out, 0, sizeof(*out));
	out->requests = facts->requests;
	out->secure = facts->secure;
	memcpy(out->id, facts->id, sizeof(out->id));
	put_address(&out->client, &out->client_length, &facts->client);
	put_address(&out->server, &out->server_length, &facts->server);
}

static bool
is_length(sa_family_t family, uint32_t length)
{
	switch (family) {
	case AF_INET:
		return length == sizeof(struct sockaddr_in);
	case AF_INET6:
		return length == sizeof(struct sockaddr_in6);
	case AF_UNIX:
		return length >= sizeof(family) &&
		    length <= sizeof(struct sockaddr_un);
	default:
		return false;
	}
}

static bool
get_address(const struct sockaddr_storage *storage, uint32_t length,
    struct address *address)
{
	*address = (struct address){ .length = 0 };
	if (!is_length(storage->ss_family, length))
		return false;
	memcpy(&address->storage, storage, length);
	address->length = (socklen_t)length;
	return true;
}

bool
porter_facts_get(const struct porter_facts *f, struct connection_facts *out)
{
	*out = (struct connection_facts){ .requests = f->requests,
		.secure = f->secure != 0,
		.id = { f->id[0], f->id[1] } };
	return get_address(&f->client, f->client_length, &out->client) &&
	    (f->server_length == 0 ||
		get_address(&f->server, f->server_length, &out->server));
}
