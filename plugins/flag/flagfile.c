/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <prong/handler.h>

#include "flag/flagfile.h"

/* The waits for the writer of an empty file: 1, 2, 4 ... ms, together 63 ms. A
 * shell opens and writes within 1 ms. */
#define ATTEMPTS      7
#define FIRST_WAIT_MS 1

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
open_regular(struct prong_request *request, const char *path, const char **why)
{
	int fd = prong_open(request, path, O_RDONLY | O_NOCTTY);
	struct stat st;

	if (fd < 0) {
		*why = strerror(errno);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	*why = "it is not a regular file";
	return -1;
}

/* Opens and reads the file once, size octets at most. */
static ssize_t
look(struct prong_request *request, const char *path, char *buffer, size_t size,
    const char **why)
{
	int fd = open_regular(request, path, why);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read_fully(fd, buffer, size);
	if (n < 0)
		*why = strerror(errno);
	close(fd);
	return n;
}

static void
wait_ms(long ms)
{
	struct timespec left = { 0, ms * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

char *
flagfile_read(struct prong_request *request, const char *path, size_t max_bytes,
    size_t *length, const char **why)
{
	/* One further octet shows that the file is too large; one is for the
	 * NUL. */
	char *text = prong_alloc(request, max_bytes + 2);
	ssize_t n = 0;
	int attempt;

	if (!text) {
		*why = "out of memory";
		return NULL;
	}
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (attempt > 0)
			wait_ms(FIRST_WAIT_MS << (attempt - 1));
		n = look(request, path, text, max_bytes + 1, why);
		if (n != 0)
			break;
	}
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
