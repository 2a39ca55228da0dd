/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "static/base.h"

/* Folders that this process has opened. They are noted here first, as a write to
 * a base copies a page that the connection need not have. */
#define OPENED_MAX 8
static struct {
	const struct base *base;
	int fd;
} opened[OPENED_MAX];
static unsigned opened_count;

/* -1 and errno. */
static int
open_folder(struct base *base)
{
	int fd = open(base->real, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (opened_count < OPENED_MAX) {
		opened[opened_count].base = base;
		opened[opened_count++].fd = fd;
	} else {
		base->fd = fd;
	}
	return fd;
}

int
base_folder(struct base *base)
{
	unsigned i;

	if (base->fd >= 0)
		return base->fd;
	for (i = 0; i < opened_count; i++)
		if (opened[i].base == base)
			return opened[i].fd;
	return open_folder(base);
}

int
base_open(struct base *base, const char *named, char *real)
{
	struct stat st;

	if (!realpath(named, real))
		return -1;
	base->named = named;
	base->fd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base->fd < 0 || fstat(base->fd, &st) < 0)
		return -1;
	base->dev = st.st_dev;
	base->ino = st.st_ino;
	return 0;
}

void
base_close(struct base *base)
{
	close(base->fd);
	base->fd = -1;
}

bool
base_is_other(const struct base *base)
{
	struct stat st;

	return stat(base->real, &st) == 0 &&
	    (st.st_dev != base->dev || st.st_ino != base->ino);
}
