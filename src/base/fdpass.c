/* SPDX-License-Identifier: ISC */
#include "base/fdpass.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define FDPASS_MOMENT_MS 10

/* Aligned, with room for one descriptor above the maximum, which is closed. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE((FDPASS_MAX + 1) * sizeof(int))];
};

union control_of_all {
	struct cmsghdr header;
	char space[CMSG_SPACE(FDPASS_ALL * sizeof(int))];
};

/* Whether to try again, after a moment. */
static bool
waits_for_others(int *left_ms, int flags)
{
	static const struct timespec moment = { 0, FDPASS_MOMENT_MS * 1000000 };

	if (errno != ETOOMANYREFS)
		return false;
	if (*left_ms == FDPASS_PATIENCE_MS)
		log_error("processes of this user have too many descriptors in "
			  "flight (unix(7), ETOOMANYREFS): a message has to "
			  "wait");
	if (flags & MSG_DONTWAIT || *left_ms <= 0) {
		errno = ETOOMANYREFS;
		return false;
	}
	*left_ms -= FDPASS_MOMENT_MS;
	nanosleep(&moment, NULL);
	return true;
}

ssize_t
fdpass_send(int socket, const struct iovec *iov, size_t iov_count,
    const int *fds, size_t count, int flags)
{
	union control control = { .space = { 0 } };
	struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)iov,
		.msg_iovlen = iov_count };
	struct cmsghdr *header;
	int left_ms = FDPASS_PATIENCE_MS;
	ssize_t n;

	assert(count <= FDPASS_MAX + 1); /* the room in control */
	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	}
	do
		n = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
	while (n < 0 && waits_for_others(&left_ms, flags));
	return n;
}

static size_t
count_descriptors(const struct cmsghdr *header)
{
	if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return 0;
	return (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

static int
descriptor_at(const struct cmsghdr *header, size_t i)
{
	int fd;

	memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
	return fd;
}

/* Takes the first FDPASS_MAX descriptors and closes further ones. */
static void
take_descriptors(const struct cmsghdr *header, int fds[FDPASS_MAX])
{
	size_t i, count = count_descriptors(header);

	for (i = 0; i < count; i++)
		if (i < FDPASS_MAX)
			fds[i] = descriptor_at(header, i);
		else
			close(descriptor_at(header, i));
}

/* Makes *message, whose control messages are what came. */
static ssize_t
receive(int socket, struct iovec *iov, void *control, size_t size,
    struct msghdr *message, int flags)
{
	*message = (struct msghdr){ .msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = size };
	return recvmsg(socket, message, flags | MSG_CMSG_CLOEXEC);
}

ssize_t
fdpass_receive(int socket, void *data, size_t size, int fds[FDPASS_MAX],
    int flags)
{
	union control control;
	struct iovec iov = { data, size };
	struct msghdr message;
	ssize_t n = receive(socket, &iov, &control, sizeof(control), &message,
	    flags);
	struct cmsghdr *header;
	size_t i;

	for (i = 0; i < FDPASS_MAX; i++)
		fds[i] = -1;
	if (n < 0)
		return n;
	for (header = CMSG_FIRSTHDR(&message); header;
	     header = CMSG_NXTHDR(&message, header))
		take_descriptors(header, fds);
	return n;
}

ssize_t
fdpass_receive_all(int socket, void *data, size_t size, int fds[FDPASS_ALL],
    size_t *count, int flags)
{
	union control_of_all control;
	struct iovec iov = { data, size };
	struct msghdr message;
	ssize_t n = receive(socket, &iov, &control, sizeof(control), &message,
	    flags);
	struct cmsghdr *header;
	size_t i;

	*count = 0;
	if (n < 0)
		return n;
	for (header = CMSG_FIRSTHDR(&message); header;
	     header = CMSG_NXTHDR(&message, header))
		for (i = 0;
		     i < count_descriptors(header) && *count < FDPASS_ALL; i++)
			fds[(*count)++] = descriptor_at(header, i);
	return n;
}
