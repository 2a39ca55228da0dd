/* SPDX-License-Identifier: ISC */
#include "client.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int
client_connect(int *accepted)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	struct sockaddr *name = (struct sockaddr *)&address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(listener, name, length), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, name, &length), 0);
	ck_assert_int_eq(connect(client, name, length), 0);
	*accepted = accept(listener, NULL, NULL);
	ck_assert_int_ge(*accepted, 0);
	close(listener);
	return client;
}

int
client_connect_lingering(int *accepted)
{
	static char octets[1 << 16];
	const struct linger option = { 1, 600 };
	int client = client_connect(accepted);

	ck_assert_int_eq(setsockopt(*accepted, SOL_SOCKET, SO_LINGER, &option,
			     sizeof(option)),
	    0);
	while (send(*accepted, octets, sizeof(octets), MSG_DONTWAIT) > 0)
		continue;
	return client;
}

bool
client_has_ended(int client, int patience_ms)
{
	struct pollfd p = { .fd = client, .events = POLLIN };
	char octet;

	return poll(&p, 1, patience_ms) == 1 &&
	    recv(client, &octet, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

bool
client_hears(int client, int accepted)
{
	char octet = 0;

	return write(accepted, "x", 1) == 1 && read(client, &octet, 1) == 1 &&
	    octet == 'x';
}
