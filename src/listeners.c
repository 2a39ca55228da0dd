/* SPDX-License-Identifier: ISC */
#include "listeners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "goodset.h"
#include "listener.h"
#include "log.h"

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

static int
open_one(const char *text)
{
	struct address address;
	const char *why;

	if (address_parse_listen(text, &address, &why))
		return listener_open(&address);
	log_error("cannot listen at %s: %s", text, why);
	return -1;
}

int
listeners_open(struct listeners *next, const struct listeners *now,
    const struct goodset *set)
{
	const char *text;
	size_t i;
	int fd;

	*next = (struct listeners){ NULL, 0 };
	for (i = 0; i < set->count; i++) {
		text = goodset_value(set, i, "listen");
		if (!text)
			continue;
		fd = find(now, next, text);
		if (fd < 0)
			fd = open_one(text);
		if (fd >= 0 && listeners_add(next, text, fd) == 0)
			continue;
		if (fd >= 0 && !listeners_have(now, fd))
			listener_close(fd);
		listeners_close(next, now);
		return -1;
	}
	return 0;
}

void
listeners_close(struct listeners *l, const struct listeners *kept)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (!kept || !listeners_have(kept, l->all[i].fd))
			listener_close(l->all[i].fd);
		free(l->all[i].text);
	}
	free(l->all);
	*l = (struct listeners){ NULL, 0 };
}
