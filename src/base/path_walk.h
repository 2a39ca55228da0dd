/*
 * A walk along an absolute path, one name at a time. Each folder is held open, and
 * can be looked at before a name in it is used: nobody can change the folder
 * between the look and the use but those who the look has found. Symbolic links
 * are followed by the walk, not by the kernel.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_PATH_WALK_H
#define PRONG_BASE_PATH_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct path_walk {
	int folder;		 /* O_PATH */
	struct stat st;		 /* of folder */
	char name[NAME_MAX + 1]; /* in folder; "": the folder itself */
	char rest[PATH_MAX];	 /* behind name: "" or from its slash on */
	unsigned links;		 /* followed so far */
};

/* All functions return 0 or a descriptor, or -1 and errno. */

/* Begins at the root. path_walk_end is called after a failure, too. */
int path_walk_begin(struct path_walk *walk, const char *path);
void path_walk_end(struct path_walk *walk);

/* Takes the next name, and opens (O_PATH) what it stands for, which may be a link.
 * The caller closes the descriptor. */
int path_walk_next(struct path_walk *walk);

/* Whether that name was the last. */
bool path_walk_is_last(const struct path_walk *walk);

/* Goes into what path_walk_next has opened: a folder. */
int path_walk_enter(struct path_walk *walk, int entry);

/* The target of a link, with NUL; and on along it. ELOOP: as many links as the
 * kernel follows, or too long a path. */
int path_walk_read_link(int link, char target[PATH_MAX]);
int path_walk_follow(struct path_walk *walk, const char *target);

/* The path of the open folder, for messages; "its folder" if it is unknown. */
const char *path_walk_where(const struct path_walk *walk, char path[PATH_MAX]);

#endif
