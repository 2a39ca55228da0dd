/* SPDX-License-Identifier: ISC */
#include "generation/open_numbers.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Where /proc is not there, and the limit is high. */
#define GUESSED_MAX 65536

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

int
open_numbers_highest(int table)
{
	unsigned long size = table >= 0 ? table_size(table) : 0;
	int number;

	descriptor_close(table);
	if (size == 0)
		size = descriptor_limit() < GUESSED_MAX ? descriptor_limit() :
							  GUESSED_MAX;
	/* poll(2) would look at many at a time, but does not know those of
	 * O_PATH, and the table is small. */
	number = (size < INT_MAX ? (int)size : INT_MAX) - 1;
	while (number > STDERR_FILENO && fcntl(number, F_GETFD) < 0)
		number--;
	return number > STDERR_FILENO ? number : STDERR_FILENO;
}
