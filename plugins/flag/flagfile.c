/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <prong/handler.h>

#include "flag/flagfile.h"

/* The waits for the writer of an empty file: 1, 2, 4 ... ms, together 63 ms. A
 * shell opens and writes within 1 ms. */
#define FIRST_WAIT_MS 1
#define LAST_WAIT_MS  32

/* Reads size octets or to the end of the file; -1 and errno. */
static ssize_t
read_fully(int fd, char *buffer, size_t size)
{
	size_t got = 0;
	ssize_t n;

	while (got < size) {
		n = read(fd, buffer + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* Opens only a regular file: reading a FIFO would take octets from its other
 * readers. */
static int
open_regular(struct prong_request *request, const char *path, struct stat *st,
    const char **why)
{
	int fd = prong_open(request, path, O_RDONLY | O_NOCTTY);

	if (fd < 0) {
		*why = strerror(errno);
		return -1;
	}
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	*why = "it is not a regular file";
	return -1;
}

/* Opens and reads the file once, size octets at most. */
static ssize_t
look(struct prong_request *request, const char *path, char *buffer, size_t size,
    struct stat *st, const char **why)
{
	int fd = open_regular(request, path, st, why);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read_fully(fd, buffer, size);
	if (n < 0)
		*why = strerror(errno);
	close(fd);
	return n;
}

/* Even a shell that empties the file once more changes it. */
static bool
is_unchanged(const struct flagfile_empty *empty, const struct stat *st)
{
	return empty->ino == st->st_ino && empty->dev == st->st_dev &&
	    empty->changed.tv_sec == st->st_ctim.tv_sec &&
	    empty->changed.tv_nsec == st->st_ctim.tv_nsec;
}

/* Reads the file, and again as long as it is empty. The state is asked for only
 * then, as it costs memory. */
static ssize_t
look_again(struct prong_request *request, const char *path, char *buffer,
    size_t size, const char **why)
{
	struct flagfile_empty *known, found;
	struct stat st;
	ssize_t n = look(request, path, buffer, size, &st, why);
	long wait;

	if (n != 0)
		return n;
	known = prong_state(request);
	found = (struct flagfile_empty){ st.st_dev, st.st_ino, st.st_ctim };
	for (wait = FIRST_WAIT_MS; wait <= LAST_WAIT_MS && n == 0; wait *= 2) {
		if (known && is_unchanged(known, &st))
			return 0;
		if (prong_pause(request, (uint64_t)wait) < 0)
			break;
		n = look(request, path, buffer, size, &st, why);
	}
	if (n == 0 && known && is_unchanged(&found, &st))
		*known = found;
	return n;
}

char *
flagfile_read(struct prong_request *request, const char *path, size_t max_bytes,
    size_t *length, const char **why)
{
	/* One further octet shows that the file is too large; one is for the
	 * NUL. */
	char *text = prong_alloc(request, max_bytes + 2);
	ssize_t n;

	if (!text) {
		*why = "out of memory";
		return NULL;
	}
	n = look_again(request, path, text, max_bytes + 1, why);
	if (n < 0)
		return NULL;
	if ((size_t)n > max_bytes) {
		*why = "it is larger than max_size";
		return NULL;
	}
	text[n] = '\0';
	*length = (size_t)n;
	return text;
}
