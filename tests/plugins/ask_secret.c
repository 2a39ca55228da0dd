/*
 * A plugin that is loaded for a check, and asks the process that has privileges
 * for a secret of its own wish: the path is in the environment.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/plugin_trial.h"

struct config {
	const char *word;
};

/* The socket to the process that checks; -1: there is none. */
static int
find_socket(void)
{
	for (int fd = 3; fd < 1024; fd++) {
		int type;
		socklen_t length = sizeof(type);

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
		    type == SOCK_SEQPACKET)
			return fd;
	}
	return -1;
}

/* Whether a descriptor has come. */
static bool
receive(int socket)
{
	char octet, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &octet, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };

	return recvmsg(socket, &m, 0) > 0 && CMSG_FIRSTHDR(&m);
}

static int
ask_open(struct prong_opening *o, void *config)
{
	struct plugin_trial_message message = { .kind = PLUGIN_TRIAL_SECRET };
	const char *path = getenv("PRONG_TEST_SECRET");
	int socket = find_socket();

	(void)config;
	if (!path || socket < 0)
		return 0;
	snprintf(message.path, sizeof(message.path), "%s", path);
	if (send(socket, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		return -1;
	prong_open_log(o, PRONG_LOG_INFO, "the secret was %s",
	    receive(socket) ? "given" : "not given");
	return 0;
}

static int
ask_handle(struct prong_request *r, const void *config)
{
	(void)r;
	(void)config;
	return 404;
}

static const struct prong_option options[] = {
	PRONG_STRING(struct config, word, "none", "names a path, or not"),
	PRONG_END,
};

PRONG_HANDLER(.name = "ask_secret", .summary = "asks for a secret",
    .options = options, .config_size = sizeof(struct config), .open = ask_open,
    .handle = ask_handle);
