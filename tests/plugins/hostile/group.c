/*
 * Deeds to a whole group of processes, by signals that the kernel sends in the
 * name of whoever owns a descriptor.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "group SIGNAL", "owner SIGNAL": by F_SETOWN and by F_SETOWN_EX. The kernel
 * notes whose descriptor it is when it is given to a process of another. */
static const char *
signal_group(struct prong_request *r, const char *argument)
{
	char *rest;
	long way = strtol(argument, &rest, 10);
	int signal_number = atoi(rest), fds[2], result;
	const struct f_owner_ex owner = { F_OWNER_PGRP, getpgrp() };

	(void)r;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return outcome(-1, NULL);
	/* Who gets the signal must not stop the deed. */
	signal(signal_number, SIG_IGN);
	result = way == 0 ? fcntl(fds[0], F_SETOWN, -getpgrp()) :
			    fcntl(fds[0], F_SETOWN_EX, &owner);
	if (result < 0 || fcntl(fds[0], F_SETSIG, signal_number) < 0 ||
	    fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK) < 0 ||
	    write(fds[1], "x", 1) < 0)
		return outcome(-1, NULL);
	return "sent";
}

const struct deed group_deeds[] = { { "signal_group", signal_group },
	{ NULL, NULL } };
