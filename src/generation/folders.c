/* SPDX-License-Identifier: ISC */
#include "generation/folders.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "config/site.h"
#include "generation/helper.h"
#include "sandbox/permission.h"

#define LOOK_MS	       3000
#define ASK_MS	       10000 /* the master replaces no generation more often */
#define TEXT_MAX_BYTES 512

/* What a name led to; ino 0: to no folder. */
struct noted {
	dev_t dev;
	ino_t ino;
	bool is_gone; /* which was said */
};

struct folders {
	struct permissions permissions; /* of all routes; freed by the start */
	struct noted *noted;		/* for each of their paths */
	pid_t pid;
	int socket;
};

/* A message of the helper. */
struct message {
	bool is_other; /* the generation should be replaced */
	char text[TEXT_MAX_BYTES];
};

static bool
find_folder(const char *path, struct stat *st)
{
	if (stat(path, st) < 0)
		return false;
	errno = ENOTDIR;
	return S_ISDIR(st->st_mode);
}

static void
note(struct folders *f)
{
	struct stat st;
	size_t i;

	for (i = 0; i < f->permissions.path_count; i++)
		if (f->noted[i].ino == 0 &&
		    find_folder(f->permissions.paths[i].path, &st)) {
			f->noted[i].dev = st.st_dev;
			f->noted[i].ino = st.st_ino;
		}
}

static bool
gather(struct folders *f, const struct configuration *c)
{
	if (permissions_add_all(&f->permissions, c, false) < 0)
		return false;
	f->noted = calloc(f->permissions.path_count + 1, sizeof(*f->noted));
	return f->noted;
}

/* The tables are the helper's. */
static void
free_tables(struct folders *f)
{
	permissions_free(&f->permissions);
	free(f->noted);
	f->noted = NULL;
}

struct folders *
folders_new(const struct configuration *c)
{
	struct folders *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->socket = -1;
	if (gather(f, c)) {
		note(f);
		return f;
	}
	free_tables(f);
	free(f);
	return NULL;
}

/*
 * The helper.
 */

static void
say(int socket, bool is_other, const struct permitted_path *p, const char *what)
{
	struct message message = { .is_other = is_other };

	snprintf(message.text, sizeof(message.text),
	    "%s: the folder %.300s, which the option %s names, %s",
	    p->handler->name, p->path, p->option, what);
	send(socket, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Looks at a name; true when it leads to another folder than at the start. */
static bool
look(int socket, const struct permitted_path *p, struct noted *noted)
{
	struct stat st;

	if (find_folder(p->path, &st)) {
		noted->is_gone = false;
		return noted->dev != st.st_dev || noted->ino != st.st_ino;
	}
	if (noted->ino != 0 && !noted->is_gone &&
	    (errno == ENOENT || errno == ENOTDIR)) {
		noted->is_gone = true;
		say(socket, false, p,
		    "is no longer there: what is below it cannot be found "
		    "until there is one again");
	}
	return false;
}

static void
look_at_all(const struct folders *f, int socket, int64_t *ask_again_ms)
{
	const struct permissions *p = &f->permissions;
	size_t i, other = p->path_count;

	for (i = 0; i < p->path_count; i++)
		if (look(socket, &p->paths[i], &f->noted[i]))
			other = i;
	if (other == p->path_count || clock_ms() < *ask_again_ms)
		return;
	*ask_again_ms = clock_ms() + ASK_MS;
	say(socket, true, &p->paths[other],
	    f->noted[other].ino != 0 ? "is another one since the start" :
				       "was made since the start");
}

/* Whether the end has come before it is time to look. Where a policy refuses to
 * wait, the signal at the end of the generation is enough. */
static bool
wait_for(struct pollfd *end)
{
	const struct timespec rest = { LOOK_MS / 1000,
		LOOK_MS % 1000 * 1000000L };
	int n = poll(end, 1, LOOK_MS);

	if (n < 0 && errno != EINTR)
		nanosleep(&rest, NULL);
	return n > 0;
}

/* The end of the generation is that of the other side; a look that takes for
 * ever ends with the generation, too. */
static _Noreturn void
run(const struct folders *f, int socket)
{
	struct pollfd end = { .fd = socket, .events = POLLIN };
	int64_t ask_again_ms = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!wait_for(&end))
		look_at_all(f, socket, &ask_again_ms);
	_exit(0);
}

/*
 * The generation.
 */

int
folders_watch(struct folders *f, const char *title, int private_base)
{
	int fds[2];

	/* Folders that the handlers have made. */
	note(f);
	if (f->permissions.path_count == 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	f->socket = fds[0];
	f->pid = descriptor_move(&f->socket, private_base) == 0 ?
	    helper_fork(title, &fds[1], 1) :
	    -1;
	if (f->pid == 0)
		run(f, fds[1]);
	descriptor_close(fds[1]);
	free_tables(f);
	if (f->pid > 0)
		return 0;
	f->pid = 0;
	descriptor_close(f->socket);
	f->socket = -1;
	return -1;
}

pid_t
folders_pid(const struct folders *f)
{
	return f->pid;
}

int
folders_descriptor(const struct folders *f)
{
	return f->socket;
}

bool
folders_hear(struct folders *f)
{
	struct message message;
	ssize_t n = recv(f->socket, &message, sizeof(message), MSG_DONTWAIT);

	if (n == 0) {
		/* processes_reap reports the end of the helper. */
		descriptor_close(f->socket);
		f->socket = -1;
	}
	if (n != sizeof(message))
		return false;
	message.text[sizeof(message.text) - 1] = '\0';
	if (message.is_other)
		log_info("%s: the generation is to be replaced", message.text);
	else
		log_warning("%s", message.text);
	return message.is_other;
}
