/* SPDX-License-Identifier: ISC */
#include "master/listeners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/log.h"
#include "config/listen_setting.h"
#include "handover/snapshot.h"
#include "master/activation.h"
#include "master/listener.h"

const char *
listeners_where(const struct listeners *l, size_t index)
{
	struct address bound = { .length = sizeof(bound.storage) };
	static char text[ADDRESS_TEXT_BYTES];

	if (getsockname(l->all[index].fd, (struct sockaddr *)&bound.storage,
		&bound.length) < 0)
		return l->all[index].text;
	return address_format(&bound, text);
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
listeners_add(struct listeners *l, const char *text, int fd)
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
	l->all[l->count++] = (struct listener){ copy, fd };
	return 0;
}

/* One of that text that is not taken yet: there can be several of port 0. */
static int
find(const struct listeners *now, const struct listeners *taken,
    const char *text)
{
	size_t i;

	for (i = 0; i < now->count; i++)
		if (strcmp(now->all[i].text, text) == 0 &&
		    !listeners_have(taken, now->all[i].fd))
			return now->all[i].fd;
	return -1;
}

/* The descriptors of an entry: their number, or -1 after logging. Passed ones
 * are looked up anew each time, so that none counts as left over. */
static int
take(const struct listeners *now, const struct listeners *next,
    const char *text, struct activation *passed, int64_t until_ms, int *fds)
{
	struct listen_setting setting;
	const char *why;

	if (!listen_setting_parse(text, &setting, &why)) {
		log_error("cannot listen at %s: %s", text, why);
		return -1;
	}
	fds[0] = setting.name ? -1 : find(now, next, text);
	if (fds[0] >= 0 && !activation_owns(passed, fds[0]))
		return 1;
	return listener_take(passed, &setting, fds, until_ms);
}

static bool
add(struct listeners *next, const struct listeners *now, const char *text,
    struct activation *passed, int64_t until_ms)
{
	int fds[ACTIVATION_MAX + 1];
	int i, count = take(now, next, text, passed, until_ms, fds);

	for (i = 0; i < count; i++)
		if (listeners_add(next, text, fds[i]) < 0)
			break;
	if (i == count)
		return true;
	for (; i < count; i++)
		if (!listeners_have(now, fds[i]))
			listener_close(passed, fds[i]);
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
		text = snapshot_value(set, i, "listen");
		if (!text || add(next, now, text, passed, until_ms))
			continue;
		listeners_close(next, now, passed);
		return -1;
	}
	activation_warn_unused(passed);
	return 0;
}

void
listeners_close(struct listeners *l, const struct listeners *kept,
    const struct activation *passed)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (!kept || !listeners_have(kept, l->all[i].fd))
			listener_close(passed, l->all[i].fd);
		free(l->all[i].text);
	}
	free(l->all);
	*l = (struct listeners){ NULL, 0 };
}
