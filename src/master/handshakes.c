/* SPDX-License-Identifier: ISC */
#include "master/handshakes.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/log.h"

/* TCP_SYN_RECV of the kernel, as a bit: no header for programs has it beside
 * those of netinet/tcp.h, which linux/tcp.h contradicts. */
#define HALF_OPEN	(1U << 3)

#define RESPONSE_OCTETS 8192

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

/* All sockets of that state and port: sock_diag(7). */
static int
ask(int fd, const struct address *bound)
{
	struct question question = {
		.head = { .nlmsg_len = sizeof(question),
		    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .sdiag_family = (uint8_t)bound->storage.ss_family,
		    .sdiag_protocol = IPPROTO_TCP,
		    .idiag_states = HALF_OPEN },
	};

	question.body.id.idiag_sport = htons((uint16_t)address_port(bound));
	return send(fd, &question, sizeof(question), 0) < 0 ? -1 : 0;
}

/* The kernel responds within send(2). The first message is a socket, or else the
 * end of the list or an error. */
static bool
hear(int fd)
{
	_Alignas(struct nlmsghdr) char octets[RESPONSE_OCTETS];
	struct nlmsghdr head;
	ssize_t n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

	if (n < (ssize_t)sizeof(head))
		return false;
	memcpy(&head, octets, sizeof(head));
	return head.nlmsg_type == SOCK_DIAG_BY_FAMILY;
}

bool
handshakes_any(int listener)
{
	struct address bound = { .length = sizeof(bound.storage) };
	bool any;
	int fd;

	if (getsockname(listener, (struct sockaddr *)&bound.storage,
		&bound.length) < 0 ||
	    address_is_unix(&bound))
		return false;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	any = fd >= 0 && ask(fd, &bound) == 0 && hear(fd);
	log_debug("handshakes at the port of %d: %s", listener,
	    any	       ? "some" :
		fd < 0 ? strerror(errno) :
			 "none");
	if (fd >= 0)
		close(fd);
	return any;
}
