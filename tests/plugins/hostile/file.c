/*
 * Deeds to files: the argument is a path.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
do_open(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(open(path, O_RDONLY | O_CLOEXEC), "opened");
}

static const char *
open_to_write(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(open(path, O_WRONLY | O_CLOEXEC), "opened");
}

static const char *
open_by_prong(struct prong_request *r, const char *path)
{
	return outcome(prong_open(r, path, O_RDONLY), "opened");
}

static const char *
write_by_prong(struct prong_request *r, const char *path)
{
	return outcome(prong_open(r, path, O_WRONLY | O_CREAT), "opened");
}

static const char *
list(struct prong_request *r, const char *path)
{
	DIR *folder = opendir(path);

	(void)r;
	if (!folder)
		return outcome(-1, NULL);
	closedir(folder);
	return "listed";
}

static const char *
create(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			   0644),
	    "created");
}

static const char *
do_truncate(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(truncate(path, 0), "truncated");
}

static const char *
do_stat(struct prong_request *r, const char *path)
{
	struct stat st;

	(void)r;
	return outcome(stat(path, &st), "looked at");
}

static const char *
do_chmod(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(chmod(path, 0600), "changed");
}

static const char *
do_remove(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(unlink(path), "removed");
}

static const char *
make_folder(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(mkdir(path, 0755), "made");
}

static const char *
make_link(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(symlink("/", path), "made");
}

/* Under another name in the same folder. */
static const char *
rename_file(struct prong_request *r, const char *path)
{
	char other[4096];

	(void)r;
	snprintf(other, sizeof(other), "%s.other", path);
	return outcome(rename(path, other), "renamed");
}

static const char *
do_chown(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(chown(path, 0, 0), "changed");
}

static const char *
do_chroot(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(chroot(path), "changed");
}

static const char *
execute(struct prong_request *r, const char *path)
{
	(void)r;
	return outcome(execl(path, path, "-c", "echo shell", (char *)NULL),
	    NULL);
}

static const char *
do_system(struct prong_request *r, const char *command)
{
	/* Some C libraries report a refused fork as -1, others as a command
	 * that could not be executed. */
	(void)r;
	return system(command) == 0 ? "run" : "failed";
}

const struct deed file_deeds[] = { { "open", do_open },
	{ "open_to_write", open_to_write }, { "prong_open", open_by_prong },
	{ "prong_write", write_by_prong }, { "list", list },
	{ "create", create }, { "truncate", do_truncate }, { "stat", do_stat },
	{ "chmod", do_chmod }, { "remove", do_remove },
	{ "make_folder", make_folder }, { "make_link", make_link },
	{ "rename", rename_file }, { "chown", do_chown },
	{ "chroot", do_chroot }, { "execute", execute },
	{ "system", do_system }, { NULL, NULL } };
