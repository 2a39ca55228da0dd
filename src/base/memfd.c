/*
 * Sealed copies in memory. See memfd.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

#define PIECE_BYTES 65536

#define SEALS	    (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static int
write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		length -= (size_t)n;
	}
	return 0;
}

static int
copy(int from, int to, size_t max_bytes)
{
	char piece[PIECE_BYTES];
	size_t total = 0;
	ssize_t n;

	for (;;) {
		n = read(from, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		if ((size_t)n > max_bytes - total) {
			errno = EFBIG;
			return -1;
		}
		total += (size_t)n;
		if (write_all(to, piece, (size_t)n) < 0)
			return -1;
	}
}

/* Seals fd, or closes it when an earlier step has failed. */
static int
finish(int fd, int result)
{
	if (result == 0 && fcntl(fd, F_ADD_SEALS, SEALS) == 0)
		return fd;
	descriptor_close(fd);
	return -1;
}

int
memfd_copy(const char *name, int from, size_t max_bytes)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	return finish(fd, copy(from, fd, max_bytes));
}

static int
write_pieces(int fd, const struct iovec *pieces, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (write_all(fd, pieces[i].iov_base, pieces[i].iov_len) < 0)
			return -1;
	return 0;
}

int
memfd_from_pieces(const char *name, const struct iovec *pieces, size_t count)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	return finish(fd, write_pieces(fd, pieces, count));
}

int
memfd_from_text(const char *name, const char *text, size_t length)
{
	const struct iovec piece = { (char *)(uintptr_t)text, length };

	return memfd_from_pieces(name, &piece, 1);
}

bool
memfd_is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}

int
memfd_read(int fd, char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		ssize_t n = pread(fd, text + at, length - at, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
		at += (size_t)n;
	}
	return 0;
}

char *
memfd_read_text(int fd, size_t max_bytes, size_t *length)
{
	struct stat st;
	char *text;
	int saved;

	if (fstat(fd, &st) < 0)
		return NULL;
	if (st.st_size < 0 || (uintmax_t)st.st_size > max_bytes) {
		errno = EFBIG;
		return NULL;
	}
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return NULL;
	if (memfd_read(fd, text, (size_t)st.st_size) < 0) {
		saved = errno;
		free(text);
		errno = saved;
		return NULL;
	}
	text[st.st_size] = '\0';
	*length = (size_t)st.st_size;
	return text;
}
