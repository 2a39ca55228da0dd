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

/* Folders that this process has opened, at most so many. They are noted here, as a
 * write to a base copies a page that the connection need not have. */
#define OPENED_MAX 64
static struct opened {
	const struct base *base; /* NULL: unused */
	int fd;
	bool is_known; /* dev and ino are set */
	dev_t dev;
	ino_t ino;
	uint64_t used; /* at that count */
} opened[OPENED_MAX];
static unsigned opened_count; /* from there on all are unused */
static uint64_t uses;

static struct opened *
find_opened(const struct base *base)
{
	unsigned i;

	for (i = 0; i < opened_count; i++)
		if (opened[i].base == base)
			return &opened[i];
	return NULL;
}

static void
forget(struct opened *o)
{
	close(o->fd);
	*o = (struct opened){ .base = NULL };
}

/* One that is unused, or the one that was needed longest ago. */
static struct opened *
make_room(void)
{
	struct opened *oldest = find_opened(NULL);
	unsigned i;

	if (oldest)
		return oldest;
	if (opened_count < OPENED_MAX)
		return &opened[opened_count++];
	oldest = &opened[0];
	for (i = 1; i < OPENED_MAX; i++)
		if (opened[i].used < oldest->used)
			oldest = &opened[i];
	forget(oldest);
	return oldest;
}

/* -1 and errno. */
static int
open_folder(const struct base *base)
{
	int fd = open(base->real, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		*make_room() =
		    (struct opened){ .base = base, .fd = fd, .used = ++uses };
	return fd;
}

int
base_folder(const struct base *base)
{
	struct opened *o;

	if (base->fd >= 0)
		return base->fd;
	o = find_opened(base);
	if (!o)
		return open_folder(base);
	o->used = ++uses;
	return o->fd;
}

static bool
note_folder(struct opened *o)
{
	struct stat st;

	if (!o->is_known && fstat(o->fd, &st) == 0) {
		o->dev = st.st_dev;
		o->ino = st.st_ino;
		o->is_known = true;
	}
	return o->is_known;
}

void
base_renew(const struct base *base)
{
	struct opened *o = base->fd < 0 ? find_opened(base) : NULL;
	struct stat st;

	if (o &&
	    (!note_folder(o) || stat(base->real, &st) < 0 ||
		st.st_dev != o->dev || st.st_ino != o->ino))
		forget(o);
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
