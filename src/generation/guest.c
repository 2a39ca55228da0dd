/* SPDX-License-Identifier: ISC */
#include "generation/guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "config/configuration.h"
#include "connection/handler_stderr.h"
#include "connection/handoff.h"
#include "generation/processes.h"

static void
take_socket(struct guest *g, int fd)
{
	g->arguments.in = g->arguments.out = fd;
}

int
guest_accept(struct guest *g, int listener)
{
	int fd;

	*g = (struct guest){ .arguments.unread = -1 };
	g->peer.length = sizeof(g->peer.storage);
	fd = accept4(listener, (struct sockaddr *)&g->peer.storage,
	    &g->peer.length, SOCK_CLOEXEC);
	take_socket(g, fd);
	if (fd < 0)
		return -1;
	g->arguments.facts.client = g->peer;
	log_debug("accept4(%d) = %d", listener, fd);
	return 0;
}

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
	take_socket(g, h->socket);
	g->arguments.unread = h->unread;
	g->peer = *peer;
	if (is_trusted_proxy) {
		g->arguments.facts = h->facts;
	} else {
		g->arguments.facts.client = *peer;
		g->arguments.facts.requests = h->facts.requests;
	}
	if (h->socket < 0 || h->unread < 0) {
		guest_free(g);
		return NULL;
	}
	return g;
}

bool
guest_is_new(const struct guest *g)
{
	return g->arguments.unread < 0;
}

static bool
move_below(int *fd, int private_base)
{
	int moved;

	if (*fd < private_base)
		return true;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, 0);
	if (moved < 0)
		return false;
	close(*fd);
	*fd = moved;
	return true;
}

bool
guest_make_common(struct guest *g, int private_base)
{
	int socket = g->arguments.in;
	bool moved = move_below(&socket, private_base);

	take_socket(g, socket);
	return moved && move_below(&g->arguments.unread, private_base);
}

/* A function of its own, so that the text is made for the log alone. */
static void
log_begin(const struct guest *g)
{
	char client[ADDRESS_TEXT_BYTES];

	log_debug("fork() = 0: connection of %s",
	    address_format(&g->arguments.facts.client, client));
}

void
guest_serve(struct guest *g, const struct processes_facts *facts,
    struct scoreboard_page *page)
{
	const struct configuration *c = facts->configuration;
	struct connection_arguments *arguments = &g->arguments;
	enum connection_end end;

	arguments->lifeline = facts->lifeline;
	arguments->access_log = facts->has_access_log ? CONNECTION_LOG_CHANNEL :
							-1;
	arguments->names_client = configuration_wants_proxy_header(c, &g->peer);
	arguments->by_proxy = guest_is_new(g) && arguments->names_client;
	arguments->handoff = facts->handoff[1];
	arguments->page = page;
	arguments->sandbox = facts->sandbox;
	if (log_enabled(LEVEL_DEBUG))
		log_begin(g);
	end = connection_run(arguments, c);
	handler_stderr_drain();
	log_debug("_exit(%d)", (int)end);
	_exit((int)end);
}

void
guest_close(struct guest *g)
{
	close_descriptor(g->arguments.in);
	close_descriptor(g->arguments.unread);
}

void
guest_free(struct guest *g)
{
	guest_close(g);
	free(g);
}
