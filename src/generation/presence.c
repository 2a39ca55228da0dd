/* SPDX-License-Identifier: ISC */
#include "generation/presence.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Both directions are shut (UNIX_DIAG_SHUTDOWN). */
#define SHUT_BOTH 3

/* A response of the kernel has a few hundred octets. */
#define RESPONSE_BYTES 4096

static bool
have_same_network(int a, int b)
{
	uint64_t networks[2] = { 0, 0 };
	socklen_t length = sizeof(networks[0]);

	/* Kernels before 5.14 do not say. */
	return getsockopt(a, SOL_SOCKET, SO_NETNS_COOKIE, &networks[0],
		   &length) < 0 ||
	    getsockopt(b, SOL_SOCKET, SO_NETNS_COOKIE, &networks[1], &length) <
	    0 ||
	    networks[0] == networks[1];
}

static int
refuse(int kernel, const char *why)
{
	log_warning("gone_grace has no effect: %s", why);
	if (kernel >= 0)
		close(kernel);
	return -1;
}

/* Of a socket in another network namespace the kernel would say that there is
 * no such one. */
int
presence_open(const int *listeners, size_t count)
{
	int kernel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	    NETLINK_SOCK_DIAG);
	size_t i;

	if (kernel < 0)
		return refuse(kernel, strerror(errno));
	for (i = 0; i < count; i++)
		if (!have_same_network(kernel, listeners[i]))
			return refuse(kernel,
			    "a listener is in another network namespace");
	return kernel;
}

void
presence_note(struct presence *p, int socket, const struct address *client)
{
	struct stat status;

	p->client = *client;
	p->inode = 0;
	p->has_cookie = false;
	p->server.length = sizeof(p->server.storage);
	if (address_is_unix(client)) {
		p->server.length = 0;
		if (fstat(socket, &status) == 0)
			p->inode = (uint32_t)status.st_ino;
	} else if (getsockname(socket, (struct sockaddr *)&p->server.storage,
		       &p->server.length) < 0) {
		p->server.length = 0;
	}
}

/*
 * Questions.
 */

struct question {
	struct nlmsghdr header;
	union {
		struct inet_diag_req_v2 inet;
		struct unix_diag_req local;
	} content;
};

/* Puts port and address into the kernel's form; the family is the question's. */
static void
put_end(const struct address *a, __be16 *port, __be32 octets[4],
    struct inet_diag_sockid *id)
{
	const struct sockaddr_in6 *six = (const void *)&a->storage;
	const struct sockaddr_in *four = (const void *)&a->storage;

	if (a->storage.ss_family == AF_INET6) {
		*port = six->sin6_port;
		memcpy(octets, &six->sin6_addr, sizeof(six->sin6_addr));
		id->idiag_if = six->sin6_scope_id;
	} else {
		*port = four->sin_port;
		memcpy(octets, &four->sin_addr, sizeof(four->sin_addr));
	}
}

static size_t
ask_for_inet(struct inet_diag_req_v2 *r, const struct presence *p)
{
	struct inet_diag_sockid *id = &r->id;

	r->sdiag_family = (__u8)p->client.storage.ss_family;
	r->sdiag_protocol = IPPROTO_TCP;
	r->idiag_states = UINT32_MAX;
	put_end(&p->client, &id->idiag_dport, id->idiag_dst, id);
	put_end(&p->server, &id->idiag_sport, id->idiag_src, id);
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (p->has_cookie)
		memcpy(id->idiag_cookie, p->cookie, sizeof(p->cookie));
	return sizeof(*r);
}

static size_t
ask_for_unix(struct unix_diag_req *r, const struct presence *p)
{
	r->sdiag_family = AF_UNIX;
	r->udiag_states = UINT32_MAX;
	r->udiag_ino = p->inode;
	r->udiag_show = UDIAG_SHOW_PEER;
	r->udiag_cookie[0] = r->udiag_cookie[1] = UINT32_MAX;
	return sizeof(*r);
}

static bool
ask(int kernel, const struct presence *p, uint32_t number)
{
	struct question q = { 0 };
	size_t bytes;

	if (p->inode > 0)
		bytes = ask_for_unix(&q.content.local, p);
	else if (p->server.length > 0)
		bytes = ask_for_inet(&q.content.inet, p);
	else
		return false;
	q.header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(bytes),
		.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlmsg_flags = NLM_F_REQUEST,
		.nlmsg_seq = number,
	};
	return send(kernel, &q, q.header.nlmsg_len, MSG_DONTWAIT) >= 0;
}

/*
 * Responses.
 */

/* A lookup that finds no connection finds the listener. A socket without an inode
 * has been closed on this side: nobody can be served by it. */
static bool
has_inet_gone(struct nlmsghdr *response, struct presence *p)
{
	const struct inet_diag_msg *m = NLMSG_DATA(response);

	if (response->nlmsg_len < NLMSG_LENGTH(sizeof(*m)))
		return false;
	if (m->idiag_state == TCP_LISTEN || m->idiag_state == TCP_CLOSE ||
	    m->idiag_inode == 0)
		return true;
	memcpy(p->cookie, m->id.idiag_cookie, sizeof(p->cookie));
	p->has_cookie = true;
	return false;
}

static bool
has_unix_gone(struct nlmsghdr *response)
{
	const struct unix_diag_msg *m = NLMSG_DATA(response);
	int left = (int)response->nlmsg_len - (int)NLMSG_LENGTH(sizeof(*m));
	struct rtattr *a = (void *)(uintptr_t)(m + 1);

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == UNIX_DIAG_SHUTDOWN)
			return *(const uint8_t *)RTA_DATA(a) == SHUT_BOTH;
	return false;
}

static bool
judge(struct nlmsghdr *response, struct presence *p)
{
	const struct nlmsgerr *failure = NLMSG_DATA(response);

	if (response->nlmsg_type == NLMSG_ERROR)
		return response->nlmsg_len >= NLMSG_LENGTH(sizeof(*failure)) &&
		    (failure->error == -ENOENT || failure->error == -ESTALE);
	return p->inode > 0 ? has_unix_gone(response) :
			      has_inet_gone(response, p);
}

/* The kernel has responded when send returns. Responses that came too late for
 * an earlier question, if that can be, are passed over. */
bool
presence_has_gone(int kernel, struct presence *p)
{
	static uint32_t number;
	union {
		struct nlmsghdr header;
		char octets[RESPONSE_BYTES];
	} r;
	ssize_t n;

	if (!ask(kernel, p, ++number))
		return false;
	while ((n = recv(kernel, &r, sizeof(r), MSG_DONTWAIT)) > 0)
		if ((size_t)n >= sizeof(r.header) &&
		    r.header.nlmsg_len <= (size_t)n &&
		    r.header.nlmsg_seq == number)
			return judge(&r.header, p);
	return false;
}
