/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>
#include <sys/vfs.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
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

/* Those of statfs(2) that linux/magic.h lacks. */
#define NFS_MAGIC  0x6969
#define CIFS_MAGIC 0xff534d42
#define SMB2_MAGIC 0xfe534d42
#define CEPH_MAGIC 0x00c36400
#define FUSE_MAGIC 0x65735546

static enum base_medium
medium_of(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return BASE_DISK;
	switch ((uint32_t)fs.f_type) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		return BASE_MEMORY;
	case NFS_MAGIC:
	case CIFS_MAGIC:
	case SMB2_MAGIC:
	case SMB_SUPER_MAGIC:
	case CEPH_MAGIC:
	case FUSE_MAGIC:
	case V9FS_MAGIC:
	case AFS_FS_MAGIC:
	case CODA_SUPER_MAGIC:
		return BASE_REMOTE;
	default:
		return BASE_DISK;
	}
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
	base->medium = medium_of(base->fd);
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
