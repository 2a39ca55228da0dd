/* SPDX-License-Identifier: ISC */
#include "worker/loan.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/fdpass.h"

#define PIECES_MAX 8

int
loan_send(int link, const void *head, size_t head_bytes, int fd,
    const struct iovec *pieces, size_t count)
{
	struct iovec all[1 + PIECES_MAX] = { { (void *)(uintptr_t)head,
	    head_bytes } };

	assert(count <= PIECES_MAX);
	if (count > 0)
		memcpy(all + 1, pieces, count * sizeof(pieces[0]));
	return fdpass_send(link, all, 1 + count, &fd, fd >= 0 ? 1 : 0,
		   MSG_DONTWAIT) < 0 ?
	    -1 :
	    0;
}

/* False: it has no head, or other descriptors than are wanted. */
static bool
is_whole(size_t n, size_t head_bytes, const int *fds, bool wants_fd)
{
	return n >= head_bytes && n <= head_bytes + LOAN_OCTETS &&
	    (fds[0] >= 0) == wants_fd && fds[1] < 0;
}

int
loan_receive(int link, void *head, size_t head_bytes, int *fd, char *octets,
    size_t size, size_t *length)
{
	static char message[512 + LOAN_OCTETS];
	int fds[FDPASS_MAX];
	ssize_t n;

	assert(head_bytes <= 512);
	n = fdpass_receive(link, message, sizeof(message), fds, MSG_DONTWAIT);
	if (n <= 0) {
		errno = n == 0 ? EPIPE : errno;
		return -1;
	}
	if (!is_whole((size_t)n, head_bytes, fds, fd != NULL) ||
	    (size_t)n - head_bytes > size) {
		descriptor_close(fds[0]);
		descriptor_close(fds[1]);
		errno = EBADMSG;
		return -1;
	}
	memcpy(head, message, head_bytes);
	*length = (size_t)n - head_bytes;
	memcpy(octets, message + head_bytes, *length);
	if (fd)
		*fd = fds[0];
	return 0;
}
