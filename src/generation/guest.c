/* SPDX-License-Identifier: ISC */
#include "generation/guest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/handler_stderr.h"
#include "base/log.h"
#include "config/configuration.h"
#include "connection/handoff.h"
#include "connection/statement.h"
#include "generation/children.h"
#include "generation/porter.h"
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
	presence_note(&g->presence, fd, &g->peer);
	g->arguments.key = key_of_peer(fd, &g->peer);
	log_debug("accept4(%d) = %d", listener, fd);
	return 0;
}

void
guest_hand_off(struct guest *g, const struct child *child,
    const struct statement *proxied)
{
	*g = (struct guest){ .peer = child->client,
		.cookie = child->cookie,
		.handed_off = child->handoff,
		.presence = child->presence,
		.is_reserved = child->is_reserved,
		.began_ms = child->began_ms,
		.was_told = child->was_told || child->told_ms > 0,
		.arguments.unread = -1,
		.arguments.key = proxied ? proxied->key : child->key,
		.arguments.facts.client = child->client };
	take_socket(g, -1);
}

bool
guest_is_new(const struct guest *g)
{
	return g->handed_off == 0;
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
	return moved;
}

/* The process before may have sent any socket: one of another client, or one
 * that it made itself to be its own client. */
static bool
is_own_socket(const struct guest *g, int socket)
{
	return g->cookie != 0 && handoff_cookie(socket) == g->cookie;
}

static bool
receive(struct guest *g, int queue)
{
	struct connection_facts *facts = &g->arguments.facts;
	struct handoff h;

	if (queue < 0 ||
	    handoff_receive(queue, g->arguments.names_client ? facts : NULL,
		&h) < 0)
		return false;
	if (!is_own_socket(g, h.socket))
		return false;
	take_socket(g, h.socket);
	g->arguments.unread = h.unread;
	facts->requests = h.requests;
	return true;
}

bool
guest_take(struct guest *g, const struct processes_facts *facts, int handoff)
{
	char client[ADDRESS_TEXT_BYTES];

	g->arguments.names_client = !g->is_reserved &&
	    configuration_wants_proxy_header(facts->configuration, &g->peer);
	g->arguments.by_proxy = guest_is_new(g) && g->arguments.names_client;
	g->arguments.handoff = handoff;
	if (handoff >= 0 &&
	    !move_below(&g->arguments.handoff, facts->private_base))
		g->arguments.handoff = -1;
	if (guest_is_new(g) ||
	    receive(g, porter_claim(facts->porter_socket, g->handed_off)))
		return guest_make_common(g, facts->private_base);
	log_error("a process of %s has handed off what is not its connection",
	    address_format(&g->peer, client));
	return false;
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

	arguments->tie = facts->tie;
	arguments->access_log = facts->has_access_log ? CONNECTION_LOG_CHANNEL :
							-1;
	arguments->status_alone = g->is_reserved;
	arguments->page = page;
	arguments->statement = statement;
	arguments->penalties = penalties;
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
	descriptor_close(g->arguments.in);
}
