/* SPDX-License-Identifier: ISC */
#include "base/descendants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

/* The folder of threads of a process that has one alone; it is not read, as that
 * takes longer than the rest. */
#define LINKS_OF_ONE 3

/* Processes that were found. */
struct queue {
	pid_t *pids;
	size_t count, room;
	bool is_short; /* there was no memory for all */
};

int
descendants_open_list(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	return open(path, O_RDONLY | O_CLOEXEC);
}

int
descendants_read_list(int fd, descendants_visitor *visit, void *context)
{
	char text[4096];
	pid_t pid = 0;
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	/* A number may lie on both sides of the end of the buffer; a space
	 * follows each. */
	while ((n = read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (text[i] - '0');
			} else {
				if (pid > 0)
					visit(context, pid);
				pid = 0;
			}
		}
	}
	return (int)n;
}

static void
append(void *context, pid_t pid)
{
	struct queue *q = context;

	if (q->count == q->room) {
		size_t room = q->room ? q->room * 2 : 64;
		pid_t *grown = reallocarray(q->pids, room, sizeof(*grown));

		if (!grown) {
			q->is_short = true;
			return;
		}
		q->pids = grown;
		q->room = room;
	}
	q->pids[q->count++] = pid;
}

static int
append_list(int folder, const char *path, struct queue *q)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC), result;

	if (fd < 0)
		return -1;
	result = descendants_read_list(fd, append, q);
	descriptor_close(fd);
	return result;
}

static int
append_own_list(pid_t pid, struct queue *q)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)pid,
	    (long)pid);
	return append_list(AT_FDCWD, path, q);
}

/* Each thread has a list of the children that it has started. */
static int
append_children(pid_t pid, struct queue *q)
{
	const struct dirent *entry;
	struct stat st;
	char path[32];
	int result = -1;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	if (stat(path, &st) < 0)
		return -1;
	if (st.st_nlink == LINKS_OF_ONE)
		return append_own_list(pid, q);
	threads = opendir(path);
	if (!threads)
		return -1;
	while ((entry = readdir(threads))) {
		snprintf(path, sizeof(path), "%.12s/children", entry->d_name);
		if (entry->d_name[0] != '.' &&
		    append_list(dirfd(threads), path, q) == 0)
			result = 0;
	}
	closedir(threads);
	return result;
}

int
descendants_visit(pid_t root, descendants_visitor *visit, void *context)
{
	struct queue q = { NULL, 0, 0, false };
	int result = append_children(root, &q);
	size_t i;

	for (i = 0; i < q.count; i++) {
		visit(context, q.pids[i]);
		append_children(q.pids[i], &q);
	}
	free(q.pids);
	if (q.is_short) {
		errno = ENOMEM;
		return -1;
	}
	return result;
}
