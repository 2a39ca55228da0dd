/* SPDX-License-Identifier: ISC */
#include "connection/handoff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdpass.h"

int
handoff_open(int fds[2])
{
	static const int on = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	return setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

static int
make_unread(const struct iovec *unread, int count)
{
	int fd = memfd_create("prong-unread", MFD_CLOEXEC);
	int saved;

	if (fd < 0 || writev(fd, unread, count) >= 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
handoff_send(int fd, int socket, const struct iovec *unread, int count,
    const struct connection_facts *facts)
{
	const struct iovec message = { (void *)(uintptr_t)facts,
		sizeof(*facts) };
	int fds[2] = { socket, make_unread(unread, count) };
	ssize_t n;
	int saved;

	if (fds[1] < 0)
		return -1;
	n = fdpass_send(fd, &message, 1, fds, 2, 0);
	saved = errno;
	close(fds[1]);
	errno = saved;
	return n == (ssize_t)sizeof(*facts) ? 0 : -1;
}

static bool
is_whole(const struct handoff *h, ssize_t n, bool is_cut)
{
	return n == (ssize_t)sizeof(h->facts) && !is_cut && h->socket >= 0 &&
	    h->unread >= 0 &&
	    h->facts.client.length <= sizeof(h->facts.client.storage) &&
	    h->facts.server.length <= sizeof(h->facts.server.storage);
}

int
handoff_receive_from_child(int fd, struct handoff *h)
{
	struct fdpass_origin origin;
	int fds[FDPASS_MAX];
	ssize_t n;

	n = fdpass_receive_from(fd, &h->facts, sizeof(h->facts), fds,
	    MSG_DONTWAIT, &origin);
	if (n < 0)
		return 0;
	h->pid = origin.sender;
	h->socket = fds[0];
	h->unread = fds[1];
	if (is_whole(h, n, origin.is_cut))
		return 1;
	/* Nobody is left to send. */
	if (n == 0 && h->pid == 0 && h->socket < 0)
		return 0;
	if (h->socket >= 0)
		close(h->socket);
	if (h->unread >= 0)
		close(h->unread);
	return -1;
}

static void
drop(const struct handoff *h)
{
	close(h->socket);
	close(h->unread);
}

int
handoff_receive(int fd, struct handoff *h)
{
	int result = handoff_receive_from_child(fd, h);

	if (result <= 0 || h->pid > 0)
		return result;
	drop(h);
	return -1;
}

int
handoff_pass_on(int fd, const struct handoff *h)
{
	const struct iovec message = { (void *)(uintptr_t)&h->facts,
		sizeof(h->facts) };
	const int fds[2] = { h->socket, h->unread };

	return fdpass_send(fd, &message, 1, fds, 2, 0) < 0 ? -1 : 0;
}

ssize_t
handoff_read(int unread, char *data, size_t size)
{
	struct stat st;
	ssize_t n = -1;

	/* The sender may be hostile: only a regular file never makes a read
	 * wait. */
	if (fstat(unread, &st) == 0 && S_ISREG(st.st_mode)) {
		n = pread(unread, data, size, 0);
		if (n >= 0 && st.st_size > n) {
			errno = EFBIG;
			n = -1;
		}
	} else {
		errno = EINVAL;
	}
	close(unread);
	return n;
}
