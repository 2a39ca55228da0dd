/* SPDX-License-Identifier: ISC */
#include "sandbox/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/descriptor.h"
#include "sandbox/landlock.h"

static int *fds;
static size_t count;
static int first, last; /* the lowest number and the highest one */

static int
note(int fd)
{
	int *grown = reallocarray(fds, count + 1, sizeof(*grown));

	if (!grown) {
		descriptor_close(fd);
		return -1;
	}
	fds = grown;
	fds[count] = fd;
	if (count == 0 || fd < first)
		first = fd;
	if (fd > last)
		last = fd;
	count++;
	return fd;
}

int
anchor_open(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return landlock_is_missing(errno) || errno == ENOTDIR ? 0 : -1;
	return note(fd);
}

/* They were opened one after the other, so their numbers are adjacent unless
 * handlers have left gaps. */
void
anchor_close_all(void)
{
	size_t i;

	if (count == 0)
		return;
	if ((size_t)(last - first) + 1 == count) {
		descriptor_close_range((unsigned)first, (unsigned)last);
		return;
	}
	for (i = 0; i < count; i++)
		descriptor_close(fds[i]);
}
