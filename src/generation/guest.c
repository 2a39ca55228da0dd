/* SPDX-License-Identifier: ISC */
#include "generation/guest.h"

#include <stdlib.h>
#include <unistd.h>

#include "connection/handoff.h"

static void
close_descriptor(int fd)
{
	if (fd >= 0)
		close(fd);
}

struct guest *
guest_new(const struct handoff *h, const struct address *peer,
    bool is_trusted_proxy)
{
	struct guest *g = calloc(1, sizeof(*g));

	if (!g) {
		close_descriptor(h->socket);
		close_descriptor(h->unread);
		return NULL;
	}
	g->fd = h->socket;
	g->unread = h->unread;
	g->requests = h->facts.requests;
	g->peer = g->client = *peer;
	if (is_trusted_proxy) {
		g->client = h->facts.client;
		g->server = h->facts.server;
		g->secure = h->facts.secure;
	}
	if (g->fd < 0 || g->unread < 0) {
		guest_free(g);
		return NULL;
	}
	return g;
}

void
guest_free(struct guest *g)
{
	close_descriptor(g->fd);
	close_descriptor(g->unread);
	free(g);
}
