/* SPDX-License-Identifier: ISC */
#include "master/listeners.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/address_scope.h"
#include "base/log.h"
#include "config/listen_setting.h"
#include "handover/snapshot.h"
#include "master/activation.h"
#include "master/handshakes.h"

/*
 * Sockets that were passed.
 */

/* As set_options has it for those that are opened here. systemd's NoDelay= has
 * another default. */
static int
adopt(int fd, const char *entry)
{
	struct address bound = { .length = sizeof(bound.storage) };
	char text[ADDRESS_TEXT_BYTES];
	static const int on = 1;

	if (getsockname(fd, (struct sockaddr *)&bound.storage, &bound.length) <
		0 ||
	    (bound.storage.ss_family != AF_UNIX &&
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) <
		    0)) {
		log_error("cannot set the options of descriptor %d, which was "
			  "passed for %s: %s",
		    fd, entry, strerror(errno));
		return -1;
	}
	if (bound.storage.ss_family == AF_UNIX)
		unix_socket_refuse_descriptors(fd);
	log_info("listening on %s, passed as descriptor %d",
	    address_format_listen(&bound, text), fd);
	return 0;
}

static int
no_such_name(const struct activation *a, const struct listen_setting *s)
{
	char names[512];

	activation_join_names(a, names, sizeof(names));
	if (a->count == 0)
		log_error("listen: found \"%s\", but no socket was passed; "
			  "possible: to start prongd by its socket unit, or an "
			  "address to listen at",
		    s->text);
	else
		log_error("listen: found \"%s\", but no socket of that name "
			  "was passed that is not listed before; passed: %s "
			  "(FileDescriptorName= of the socket unit)",
		    s->text, names);
	return -1;
}

static int
take_named(struct activation *a, const struct listen_setting *s,
    struct listener *found)
{
	int count = 0, fd;

	while ((fd = activation_find_named(a, s->name)) >= 0) {
		if (adopt(fd, s->text) < 0)
			return -1;
		found[count++] = (struct listener){ .fd = fd };
	}
	return count > 0 ? count : no_such_name(a, s);
}

static bool
is_overlapped(int fd, const struct address *a)
{
	struct address bound = { .length = sizeof(bound.storage) };

	return getsockname(fd, (struct sockaddr *)&bound.storage,
		   &bound.length) == 0 &&
	    !address_is_unix(&bound) &&
	    (address_scope_overlaps(&bound, a) ||
		address_scope_overlaps(a, &bound));
}

/* Whether there are any. */
static bool
share_overlapped(const struct listeners *now, const struct address *a,
    bool is_shared)
{
	bool any = false;
	size_t i;

	for (i = 0; i < now->count; i++)
		if (is_overlapped(now->all[i].fd, a)) {
			listener_share(now->all[i].fd, is_shared);
			any = true;
		}
	return any;
}

/* Also beside those of now that end soon, such as 0.0.0.0:80 beside
 * 127.0.0.1:80: both take clients until the earlier is closed. */
static int
open_new(const struct listeners *now, const struct listen_setting *s,
    struct listener *found, int64_t until_ms)
{
	bool beside = share_overlapped(now, &s->address, true);
	bool done = listener_open(found, &s->address, until_ms, beside);

	if (beside)
		share_overlapped(now, &s->address, false);
	return done ? 1 : -1;
}

/*
 * The sockets that an entry of the setting listen stands for: those of a name
 * that were passed; or one for an address, passed or else opened, or none when
 * one that was found before gets its connections. Where another process listens
 * at an IP address it is tried again until until_ms of clock_ms: a master that
 * was killed may have left generations that are about to notice. Writes the
 * listeners, without text, to found, which has room for each that was passed and
 * one more.
 * Their number, or -1 after logging.
 */
static int
take_new(struct activation *a, const struct listeners *now,
    const struct listen_setting *s, struct listener *found, int64_t until_ms)
{
	int fd;

	if (s->name)
		return take_named(a, s, found);
	fd = activation_find(a, &s->address);
	if (fd >= 0) {
		found[0] = (struct listener){ .fd = fd };
		return adopt(fd, s->text) == 0 ? 1 : -1;
	}
	if (activation_covers(a, &s->address)) {
		log_info("%s: a socket that was passed gets its connections",
		    s->text);
		return 0;
	}
	return open_new(now, s, found, until_ms);
}

/* A socket that was passed is left to activation_free. */
static void
close_listener(const struct activation *a, const struct listener *l)
{
	if (!activation_owns(a, l->fd))
		listener_close(l);
}

/*
 * The list.
 */

const char *
listeners_where(const struct listeners *l, size_t index)
{
	struct address bound = { .length = sizeof(bound.storage) };
	static char text[ADDRESS_TEXT_BYTES];

	if (getsockname(l->all[index].fd, (struct sockaddr *)&bound.storage,
		&bound.length) < 0)
		return l->all[index].text;
	return address_format_listen(&bound, text);
}

bool
listeners_have(const struct listeners *l, int fd)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->all[i].fd == fd)
			return true;
	return false;
}

bool
listeners_hand_on(const struct listeners *l, const struct listeners *kept)
{
	bool any = false;
	size_t i, j;

	for (i = 0; i < l->count; i++)
		for (j = 0; j < kept->count; j++) {
			struct address a = { .length = sizeof(a.storage) };

			if (listeners_have(kept, l->all[i].fd) ||
			    getsockname(kept->all[j].fd,
				(struct sockaddr *)&a.storage, &a.length) < 0 ||
			    !is_overlapped(l->all[i].fd, &a))
				continue;
			listener_take_no_more(l->all[i].fd);
			any = true;
		}
	return any;
}

bool
listeners_let_finish(const struct listeners *l, const struct listeners *kept,
    const struct activation *passed)
{
	bool any = false;
	size_t i;

	for (i = 0; i < l->count; i++) {
		int fd = l->all[i].fd;

		if ((kept && listeners_have(kept, fd)) ||
		    activation_owns(passed, fd) || !handshakes_any(fd))
			continue;
		listener_take_no_more(fd);
		any = true;
	}
	return any;
}

void
listeners_defer(const struct listeners *l, bool is_deferred)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		listener_defer(l->all[i].fd, is_deferred);
}

int *
listeners_descriptors(const struct listeners *l)
{
	int *fds = calloc(l->count + 1, sizeof(*fds));
	size_t i;

	if (!fds)
		log_error("cannot list the listeners: %s", strerror(errno));
	for (i = 0; fds && i < l->count; i++)
		fds[i] = l->all[i].fd;
	return fds;
}

int
listeners_add(struct listeners *l, const char *text,
    const struct listener *listener)
{
	struct listener *grown = realloc(l->all,
	    (l->count + 1) * sizeof(*grown));
	char *copy = strdup(text);

	if (grown)
		l->all = grown;
	if (!grown || !copy) {
		free(copy);
		errno = ENOMEM;
		return -1;
	}
	l->all[l->count] = *listener;
	l->all[l->count++].text = copy;
	return 0;
}

/* One of that text that is not taken yet: there can be several of port 0. */
static const struct listener *
find(const struct listeners *now, const struct listeners *taken,
    const char *text)
{
	size_t i;

	for (i = 0; i < now->count; i++)
		if (strcmp(now->all[i].text, text) == 0 &&
		    !listeners_have(taken, now->all[i].fd))
			return &now->all[i];
	return NULL;
}

/* The listeners of an entry: their number, or -1 after logging. Passed ones
 * are looked up anew each time, so that none counts as left over. */
static int
take(const struct listeners *now, const struct listeners *next,
    const char *text, struct activation *passed, int64_t until_ms,
    struct listener *found)
{
	struct listen_setting setting;
	const struct listener *kept;
	const char *why;

	if (!listen_setting_parse(text, &setting, &why)) {
		log_error("cannot listen at %s: %s", text, why);
		return -1;
	}
	kept = setting.name ? NULL : find(now, next, text);
	if (!kept || activation_owns(passed, kept->fd))
		return take_new(passed, now, &setting, found, until_ms);
	found[0] = *kept;
	return 1;
}

static bool
add(struct listeners *next, const struct listeners *now, const char *text,
    struct activation *passed, int64_t until_ms)
{
	struct listener found[ACTIVATION_MAX + 1];
	int i, count = take(now, next, text, passed, until_ms, found);

	for (i = 0; i < count; i++)
		if (listeners_add(next, text, &found[i]) < 0)
			break;
	if (i == count)
		return true;
	for (; i < count; i++)
		if (!listeners_have(now, found[i].fd))
			close_listener(passed, &found[i]);
	return false;
}

int
listeners_open(struct listeners *next, const struct listeners *now,
    const struct snapshot *set, struct activation *passed, int64_t until_ms)
{
	const char *text;
	size_t i;

	*next = (struct listeners){ NULL, 0 };
	activation_begin(passed);
	for (i = 0; i < set->count; i++) {
		text = snapshot_value(set, i, MANIFEST_LISTEN);
		if (!text || add(next, now, text, passed, until_ms))
			continue;
		listeners_close(next, now, passed);
		return -1;
	}
	activation_warn_unused(passed);
	return 0;
}

static void
forget(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		free(l->all[i].text);
	free(l->all);
	*l = (struct listeners){ NULL, 0 };
}

void
listeners_close(struct listeners *l, const struct listeners *kept,
    const struct activation *passed)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!kept || !listeners_have(kept, l->all[i].fd))
			close_listener(passed, &l->all[i]);
	forget(l);
}

void
listeners_drop(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		close(l->all[i].fd);
	forget(l);
}
