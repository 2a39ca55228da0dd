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
	if (result == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
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

int
memfd_from_text(const char *name, const char *text, size_t length)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	return finish(fd, write_all(fd, text, length));
}

static int
read_at(int fd, char *text, size_t length)
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
	if (read_at(fd, text, (size_t)st.st_size) < 0) {
		saved = errno;
		free(text);
		errno = saved;
		return NULL;
	}
	text[st.st_size] = '\0';
	*length = (size_t)st.st_size;
	return text;
}
