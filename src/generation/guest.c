/* SPDX-License-Identifier: ISC */
#include "generation/guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "config/configuration.h"
#include "connection/handoff.h"
#include "connection/statement.h"
#include "generation/processes.h"

static void
take_socket(struct guest *g, int fd)
{
	g->arguments.in = g->arguments.out = fd;
}

/*
 * All clients of a Unix socket have one address. For penalties each process is a
 * client: the kernel says which one has connected.
 */
static struct address_key
key_of_peer(int fd, const struct address *peer)
{
	struct address_key key = address_client_key(peer);
	struct ucred peer_process;
	socklen_t length = sizeof(peer_process);

	if (!address_is_unix(peer) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer_process, &length) < 0)
		return key;
	memcpy(key.bytes + 1, &peer_process.pid, 4);
	memcpy(key.bytes + 5, &peer_process.uid, 4);
	return key;
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
	g->arguments.key = key_of_peer(fd, &g->peer);
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
    struct address_key key, const struct statement *proxied)
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
	g->arguments.facts.client = *peer;
	g->arguments.key = key;
	if (proxied) {
		g->arguments.facts = proxied->facts;
		g->arguments.key = proxied->key;
	}
	g->arguments.facts.requests = h->facts.requests;
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
    struct scoreboard_page *page, struct statement *statement,
    const struct penalties *penalties)
{
	const struct configuration *c = facts->configuration;
	struct connection_arguments *arguments = &g->arguments;
	enum connection_end end;

	arguments->status_alone = g->is_reserved;
	arguments->by_proxy = guest_is_new(g) && !g->is_reserved &&
	    configuration_wants_proxy_header(c, &g->peer);
	arguments->lifeline = facts->lifeline;
	arguments->access_log = facts->access_log;
	arguments->handoff = facts->handoff[1];
	arguments->page = page;
	arguments->statement = statement;
	arguments->penalties = penalties;
	arguments->sandbox = facts->sandbox;
	if (log_enabled(LEVEL_DEBUG))
		log_begin(g);
	end = connection_run(arguments, c);
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
