/* SPDX-License-Identifier: ISC */
#include "connection/handoff.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for two descriptors and the sender's credentials. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(2 * sizeof(int)) +
	    CMSG_SPACE(sizeof(struct ucred))];
};

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
    const struct handoff_facts *facts)
{
	struct handoff_facts copy = *facts;
	union control control = { .space = { 0 } };
	struct iovec iov = { &copy, sizeof(copy) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(2 * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fds[2] = { socket, make_unread(unread, count) };
	ssize_t n;
	int saved;

	if (fds[1] < 0)
		return -1;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	n = sendmsg(fd, &message, MSG_NOSIGNAL);
	saved = errno;
	close(fds[1]);
	errno = saved;
	return n == (ssize_t)sizeof(copy) ? 0 : -1;
}

/* Takes the descriptors and the pid from the control data. */
static void
take_control(struct msghdr *message, struct handoff *h)
{
	struct cmsghdr *c;
	struct ucred who;
	size_t i, count;
	int fd;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			h->pid = who.pid;
		}
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (i == 0)
				h->socket = fd;
			else if (i == 1)
				h->unread = fd;
			else
				close(fd);
		}
	}
}

static bool
is_whole(const struct handoff *h, ssize_t n, int flags)
{
	return n == (ssize_t)sizeof(h->facts) && h->pid > 0 && h->socket >= 0 &&
	    h->unread >= 0 && !(flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	    h->facts.client.length <= sizeof(h->facts.client.storage) &&
	    h->facts.server.length <= sizeof(h->facts.server.storage);
}

int
handoff_receive(int fd, struct handoff *h)
{
	union control control;
	struct iovec iov = { &h->facts, sizeof(h->facts) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return 0;
	h->pid = 0;
	h->socket = h->unread = -1;
	take_control(&message, h);
	if (is_whole(h, n, message.msg_flags))
		return 1;
	if (h->socket >= 0)
		close(h->socket);
	if (h->unread >= 0)
		close(h->unread);
	return -1;
}

ssize_t
handoff_read(int unread, char *data, size_t size)
{
	struct stat st;
	ssize_t n = -1;

	/* The sender may have been broken: only a file cannot make this wait. */
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
