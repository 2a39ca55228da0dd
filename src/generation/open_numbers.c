/* SPDX-License-Identifier: ISC */
#include "generation/open_numbers.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Where /proc is not there, and the limit is high. */
#define GUESSED_MAX 65536

/* Numbers that are looked at together. */
#define AT_ONCE 512

/* The line is among the first ten (proc_pid_status(5)). */
#define STATUS_BYTES 2048

int
open_numbers_begin(void)
{
	return open("/proc/self/status", O_RDONLY | O_CLOEXEC);
}

/* The kernel makes the table larger as needed, by factors of two. 0: unknown. */
static unsigned long
table_size(int table)
{
	static const char name[] = "\nFDSize:";
	char text[STATUS_BYTES];
	const char *line;
	ssize_t n = pread(table, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	line = strstr(text, name);
	return line ? strtoul(line + strlen(name), NULL, 10) : 0;
}

/* The highest open number of so many from first on; -1: none is open. */
static int
highest_of(int first, nfds_t count)
{
	struct pollfd fds[AT_ONCE];
	nfds_t i;

	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){ .fd = first + (int)i };
	/* One call tells of many, which is a hundred times as fast. */
	if (poll(fds, count, 0) < 0)
		for (i = 0; i < count; i++)
			fds[i].revents = fcntl(fds[i].fd, F_GETFD) < 0 ?
			    POLLNVAL :
			    0;
	while (i > 0 && (fds[i - 1].revents & POLLNVAL))
		i--;
	return i > 0 ? first + (int)i - 1 : -1;
}

int
open_numbers_highest(int table)
{
	unsigned long size = table >= 0 ? table_size(table) : 0;
	int above, first, highest = -1;

	descriptor_close(table);
	if (size == 0)
		size = descriptor_limit() < GUESSED_MAX ? descriptor_limit() :
							  GUESSED_MAX;
	above = size < INT_MAX ? (int)size : INT_MAX;
	while (highest < 0 && above > STDERR_FILENO) {
		first = above > AT_ONCE ? above - AT_ONCE : 0;
		highest = highest_of(first, (nfds_t)(above - first));
		above = first;
	}
	return highest > STDERR_FILENO ? highest : STDERR_FILENO;
}
