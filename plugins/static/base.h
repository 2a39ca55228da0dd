/*
 * A base: a folder below which files are served, or into which links may lead. It
 * is open for the life of the generation, or closed until a connection needs it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <sys/types.h>

enum base_medium {
	BASE_DISK,
	BASE_MEMORY, /* tmpfs */
	BASE_REMOTE  /* another machine, or a program, answers or does not */
};

struct base {
	int fd;		   /* O_PATH; -1: opened when it is needed */
	const char *real;  /* without symbolic links */
	const char *named; /* as in the configuration */
	dev_t dev;	   /* of the folder that was opened first */
	ino_t ino;
	enum base_medium medium;
};

/* Opens a folder as a base, which keeps using named. Writes the path without
 * symbolic links to real, which has PATH_MAX octets; the caller sets the base's
 * own copy of it. 0, or -1 and errno. */
int base_open(struct base *base, const char *named, char *real);

/* Closes a base until it is needed: then the folder is opened by its path without
 * symbolic links, and kept until many others were needed. */
void base_close(struct base *base);

/* The descriptor of the folder, which stays that of the base; or -1 and errno. It is
 * good until the next call for another base. */
int base_folder(const struct base *base);

/* A folder that was opened when it was needed, and is no longer at its path, is not
 * used any more: for a process that serves longer than one connection. */
void base_renew(const struct base *base);

/* Whether the path of the base leads to another folder than the first. */
bool base_is_other(const struct base *base);

#endif
