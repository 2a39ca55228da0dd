/* SPDX-License-Identifier: ISC */
#include "connection/renewal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/scoreboard.h"
#include "base/title.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/unread.h"
#include "message/channel.h"
#include "sandbox/quota.h"

static const struct renewal_route *
find(const struct renewal *r, const struct route *route)
{
	size_t i = 0;

	while (r->routes[i].route != route)
		i++;
	return &r->routes[i];
}

static bool
write_whole(int fd, const void *data, size_t size)
{
	return write(fd, data, size) == (ssize_t)size;
}

static bool
write_file(int fd, const struct renewal_file *file)
{
	return dprintf(fd, "%c%d %s", (char)file->kind, file->fd, file->name) >
	    0 &&
	    write_whole(fd, "", 1) &&
	    write_whole(fd, file->path, strlen(file->path) + 1);
}

/* 0, or -1 and errno. */
static int
fill(struct renewal_brief *b, const struct connection_arguments *arguments,
    const struct channel *channel, const struct route *route)
{
	memset(b, 0, sizeof(*b)); /* padding, too */
	b->size = sizeof(*b);
	b->arguments = *arguments;
	b->arguments.facts = channel->facts;
	b->arguments.key = channel->key;
	b->arguments.by_proxy = b->arguments.goes_on = false;
	b->arguments.handoff = NULL;
	b->arguments.page = NULL;
	b->arguments.sandbox = NULL;
	b->arguments.penalties = NULL;
	b->arguments.statement = NULL;
	b->arguments.renewal = NULL;
	b->can_hand_off = arguments->handoff;
	b->memory = arguments->renewal->memory;
	b->handler = route->handlers[0].index;
	b->log_level = arguments->renewal->log_level;
	b->is_dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
	return sandbox_bequeath(arguments->sandbox, route, &b->sandbox);
}

/* At most 2 GB can be written at once, which no request has. */
static bool
write_start(int fd, struct renewal_brief *b,
    const struct iovec unread[UNREAD_PIECES])
{
	struct iovec pieces[1 + UNREAD_PIECES] = { { b, sizeof(*b) } };
	size_t i;

	b->unread = 0;
	for (i = 0; i < UNREAD_PIECES; i++) {
		pieces[1 + i] = unread[i];
		b->unread += unread[i].iov_len;
	}
	return writev(fd, pieces, 1 + UNREAD_PIECES) ==
	    (ssize_t)(sizeof(*b) + b->unread);
}

static int
write_brief(struct renewal_brief *b, const struct renewal_route *r,
    struct channel *channel, const struct http_head *head)
{
	struct iovec unread[UNREAD_PIECES];
	int fd = memfd_create("prong-renewal", MFD_CLOEXEC);
	bool ok = fd >= 0;
	size_t i;

	if (ok && !unread_pieces(channel, head, unread)) {
		errno = ENOMEM;
		ok = false;
	}
	ok = ok && write_start(fd, b, unread);
	for (i = 0; ok && i < r->count; i++)
		ok = write_file(fd, &r->files[i]);
	if (ok)
		return fd;
	descriptor_close(fd);
	return -1;
}

/* -1 is no descriptor. */
static bool
keep(int fd)
{
	return fd < 0 || fcntl(fd, F_SETFD, 0) == 0;
}

/* Handlers of the generation may have opened some that survive. */
static bool
keep_alone(const struct renewal_brief *b, const struct renewal_route *r,
    int brief)
{
	const struct connection_arguments *a = &b->arguments;
	size_t i;

	if (descriptor_end_with_exec(3) < 0 || !keep(brief) || !keep(a->in) ||
	    !keep(b->sandbox.ruleset) || !keep(b->sandbox.scope) ||
	    !keep(b->memory.statements) || !keep(b->memory.penalties))
		return false;
	for (i = 0; i < 2; i++)
		if (!keep(b->memory.scoreboard[i]) || !keep(b->memory.rings[i]))
			return false;
	for (i = 0; i < r->count; i++)
		if (!keep(r->files[i].fd))
			return false;
	return true;
}

/* The title's room is made of spaces, as that of a generation. */
static void
execute(const struct renewal *r, int brief)
{
	char title[TITLE_MAX_BYTES], number[16];
	char *argv[] = { title, (char[]){ "--renewed" }, number, NULL };

	memset(title, ' ', sizeof(title));
	title[sizeof(title) - 1] = '\0';
	memcpy(title, "prongd: connection", strlen("prongd: connection"));
	snprintf(number, sizeof(number), "%d", brief);
	quota_put_off(true);
	execveat(r->program, "", argv, r->environment, AT_EMPTY_PATH);
	quota_put_off(false);
}

bool
renewal_try(const struct renewal *r)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		execute(r, RENEWAL_TRIAL);
		_exit(errno);
	}
	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		pid = -1;
	if (pid > 0 && status == 0)
		return true;
	if (pid < 0 || (WIFEXITED(status) && WEXITSTATUS(status) != 127))
		log_error("cannot execute prongd anew, as fresh routes need: "
			  "%s",
		    strerror(pid < 0 ? errno : WEXITSTATUS(status)));
	else
		log_error("prongd was executed anew, as fresh routes need, and "
			  "has ended with the status 0x%04x; possible: "
			  "libraries in folders of the system alone",
		    (unsigned)status);
	return false;
}

void
renewal_execute(const struct connection_arguments *arguments,
    struct channel *channel, const struct http_head *head,
    const struct route *route)
{
	const struct renewal_route *r = find(arguments->renewal, route);
	struct renewal_brief b;
	int brief = -1, saved;

	if (fill(&b, arguments, channel, route) == 0)
		brief = write_brief(&b, r, channel, head);
	channel->page->requests--;
	if (brief >= 0 && keep_alone(&b, r, brief))
		execute(arguments->renewal, brief);
	saved = errno;
	channel->page->requests++;
	descriptor_close(brief);
	log_error("route %s: cannot execute the process of the connection of "
		  "%s afresh: %s",
	    route->path, channel->client, strerror(saved));
}

void
renewal_give_up(const struct renewal *r)
{
	descriptor_close_range((unsigned)r->first, ~0U);
}
