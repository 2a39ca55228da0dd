/* SPDX-License-Identifier: ISC */
#include "base/path_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"

/* As many as the kernel follows (path_resolution(7)). */
#define LINKS_MAX 40

/* Takes the descriptor over. */
static int
enter(struct path_walk *w, int folder)
{
	descriptor_close(w->folder);
	w->folder = folder;
	return folder < 0 ? -1 : fstat(folder, &w->st);
}

static int
enter_root(struct path_walk *w)
{
	return enter(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int
path_walk_begin(struct path_walk *w, const char *path)
{
	w->folder = -1;
	w->links = 0;
	w->name[0] = '\0';
	if (strlen(path) >= sizeof(w->rest)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(w->rest, path);
	return enter_root(w);
}

void
path_walk_end(struct path_walk *w)
{
	int saved = errno;

	descriptor_close(w->folder);
	w->folder = -1;
	errno = saved;
}

int
path_walk_next(struct path_walk *w)
{
	const char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");

	if (length > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(w->name, start, length);
	w->name[length] = '\0';
	start += length;
	memmove(w->rest, start, strlen(start) + 1);
	return openat(w->folder, length > 0 ? w->name : ".",
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

bool
path_walk_is_last(const struct path_walk *w)
{
	return w->rest[0] == '\0';
}

int
path_walk_enter(struct path_walk *w, int entry)
{
	return enter(w, fcntl(entry, F_DUPFD_CLOEXEC, 0));
}

int
path_walk_read_link(int link, char target[PATH_MAX])
{
	ssize_t n = readlinkat(link, "", target, PATH_MAX - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return 0;
}

int
path_walk_follow(struct path_walk *w, const char *target)
{
	size_t rest = strlen(w->rest), length = strlen(target);

	if (++w->links > LINKS_MAX || length + rest + 1 > sizeof(w->rest)) {
		errno = ELOOP;
		return -1;
	}
	memmove(w->rest + length, w->rest, rest + 1);
	memcpy(w->rest, target, length);
	return target[0] == '/' ? enter_root(w) : 0;
}

const char *
path_walk_where(const struct path_walk *w, char path[PATH_MAX])
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", w->folder);
	n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return strcpy(path, "its folder");
	path[n] = '\0';
	return path;
}
