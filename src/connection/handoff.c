/* SPDX-License-Identifier: ISC */
#include "connection/handoff.h"

#include <errno.h>
#include <string.h>

size_t
handoff_bytes(size_t octets)
{
	return sizeof(struct handoff) + octets;
}

int
handoff_leave(struct handoff *h, size_t size, const struct iovec *unread,
    size_t count, uint64_t requests)
{
	size_t i, length = 0;

	for (i = 0; i < count; i++) {
		if (unread[i].iov_len > size - length) {
			errno = EMSGSIZE;
			return -1;
		}
		memcpy(h->octets + length, unread[i].iov_base,
		    unread[i].iov_len);
		length += unread[i].iov_len;
	}
	h->requests = requests;
	h->length = length;
	h->is_left = 1;
	return 0;
}

ssize_t
handoff_take(const struct handoff *h, size_t size, char *data,
    uint64_t *requests)
{
	/* Read once: the memory is shared. */
	const uint64_t length = __atomic_load_n(&h->length, __ATOMIC_RELAXED);

	if (h->is_left == 0 || length > size) {
		errno = h->is_left == 0 ? ENODATA : EMSGSIZE;
		return -1;
	}
	memcpy(data, h->octets, length);
	*requests = h->requests;
	return (ssize_t)length;
}
