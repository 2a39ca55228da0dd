/*
 * Shared by the parts of netio only: netio.c moves octets of memory,
 * netio_file.c those of files.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_NETIO_INTERNAL_H
#define PRONG_MESSAGE_NETIO_INTERNAL_H

#include "message/netio.h"

/* Waits for the client, POLLIN or POLLOUT, as long as the pace allows, and adds
 * the wait to it. 0, or -1 and errno. */
int netio_wait_paced(struct netio *io, short events, struct pace *pace);

/* Adds n sent octets to the counts of the connection and of the pace. */
void netio_count_sent(struct netio *io, struct pace *pace, ssize_t n);

#endif
