/* SPDX-License-Identifier: ISC */
#include "generation/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/handler_stderr.h"
#include "base/log.h"
#include "base/refused.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "connection/penalty.h"
#include "connection/statement.h"
#include "generation/children.h"
#include "generation/porter.h"
#include "generation/porter_parcel.h"
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

	*g = (struct guest){ 0 };
	g->peer.length = sizeof(g->peer.storage);
	fd = accept4(listener, (struct sockaddr *)&g->peer.storage,
	    &g->peer.length, SOCK_CLOEXEC);
	take_socket(g, fd);
	if (fd < 0)
		return -1;
	g->arguments.facts.client = g->peer;
	presence_note(&g->presence, fd, &g->peer);
	g->arguments.key = penalty_key(fd, &g->peer);
	log_debug("accept4(%d) = %d", listener, fd);
	return 0;
}

void
guest_hand_off(struct guest *g, const struct child *child,
    const struct statement *proxied)
{
	*g = (struct guest){ .peer = child->client,
		.handed_off = child->kept,
		.presence = child->presence,
		.is_reserved = child->is_reserved,
		.began_ms = child->began_ms,
		.was_told = child->was_told || child->told_ms > 0,
		.look_ms = child->view.look_ms,
		.gone_ms = child->view.gone_ms,
		.arguments.key = child->key,
		.arguments.facts.client = child->client };
	take_socket(g, -1);
	if (proxied) {
		g->arguments.key = proxied->key;
		g->arguments.facts = proxied->facts;
	}
}

int64_t
guest_waited_ms(const struct guest *g)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	if (getsockopt(g->arguments.in, IPPROTO_TCP, TCP_INFO, &info, &length) <
	    0)
		return 0;
	return info.tcpi_last_data_recv;
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

/* What the porter has kept is the accepted socket, but a process of the connection
 * may have connected it to somebody else. A Unix socket cannot be connected again.
 * While a socket connects, it has no peer either. False after a line in the log. */
static bool
has_same_peer(const struct guest *g)
{
	struct address peer = { .length = sizeof(peer.storage) };
	char client[ADDRESS_TEXT_BYTES];

	if (address_is_unix(&g->peer))
		return true;
	address_format(&g->peer, client);
	if (getpeername(g->arguments.in, (struct sockaddr *)&peer.storage,
		&peer.length) == 0) {
		if (address_equal(&peer, &g->peer))
			return true;
		errno = ENOTCONN;
	}
	if (errno == ENOTCONN || errno == EINVAL)
		log_info("the connection of %s that was handed off has another "
			 "peer, or none any more, so it ends",
		    client);
	else
		log_error("cannot find out the peer of the connection of %s "
			  "that was handed off, so it ends: %s%s",
		    client, strerror(errno), refused_hint(errno));
	return false;
}

/* The facts and the octets that the worker has sent with the socket. */
static int
take_parcel(struct guest *g, const struct processes_facts *facts)
{
	const size_t size = connection_handoff_octets(facts->configuration);
	char *octets = malloc(size);
	size_t length = 0;
	int fd;

	if (!octets)
		return -1;
	fd = porter_claim_parcel(facts->porter_socket, g->handed_off,
	    &g->arguments.facts, octets, size, &length);
	g->arguments.unread = (struct slice){ octets, length };
	if (fd >= 0)
		g->arguments.key = penalty_key_named(fd, &g->peer,
		    &g->arguments.facts.client);
	return fd;
}

static bool
take_kept(struct guest *g, const struct processes_facts *facts)
{
	char client[ADDRESS_TEXT_BYTES];

	take_socket(g,
	    g->is_parcel ? take_parcel(g, facts) :
			   porter_claim(facts->porter_socket, g->handed_off));
	if (g->arguments.in < 0) {
		log_error("cannot get the socket of %s from the porter, so its "
			  "connection ends",
		    address_format(&g->peer, client));
		return false;
	}
	return has_same_peer(g) && guest_make_common(g, facts->private_base);
}

bool
guest_take(struct guest *g, const struct processes_facts *facts,
    struct handoff *handoff)
{
	g->arguments.names_client = !g->is_reserved &&
	    configuration_wants_proxy_header(facts->configuration, &g->peer);
	g->arguments.by_proxy = guest_is_new(g) && g->arguments.names_client;
	g->arguments.handoff = handoff;
	if (!guest_is_new(g)) {
		g->arguments.goes_on = !g->is_parcel;
		if (!take_kept(g, facts))
			return false;
	}
	g->arguments.facts.from_proxy =
	    configuration_trusts(facts->configuration, &g->peer);
	return true;
}

/* The porter has the socket, too: without this the client would wait for its
 * close. */
static void
shut_socket(int fd)
{
	shutdown(fd, SHUT_RDWR);
	log_debug("shutdown(%d, SHUT_RDWR)", fd);
}

void
guest_run(const struct connection_arguments *arguments,
    const struct configuration *c)
{
	enum connection_end end = connection_run(arguments, c);

	if (arguments->handoff && end != CONNECTION_HANDED_OFF &&
	    end != CONNECTION_RESTS)
		shut_socket(arguments->out);
	handler_stderr_drain();
	log_debug("_exit(%d)", (int)end);
	_exit((int)end);
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

	arguments->renewal = facts->renewal;
	arguments->access_log = facts->has_access_log ? CONNECTION_LOG_CHANNEL :
							-1;
	arguments->status_alone = g->is_reserved;
	arguments->page = page;
	arguments->tally = scoreboard_tally(page);
	arguments->statement = statement;
	arguments->penalties = penalties;
	arguments->sandbox = facts->sandbox;
	if (facts->workers.count > 0 && arguments->handoff && !g->is_reserved &&
	    !g->stays)
		arguments->park_after_ms = c->park_after_ms;
	if (log_enabled(LEVEL_DEBUG))
		log_begin(g);
	guest_run(arguments, c);
}

void
guest_close(struct guest *g)
{
	descriptor_close(g->arguments.in);
}
