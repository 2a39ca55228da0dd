/*
 * Unread octets: what the next process of a connection has to read, as if no
 * octet of the request at hand had been used.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_UNREAD_H
#define PRONG_CONNECTION_UNREAD_H

#include <stdbool.h>
#include <sys/uio.h>

struct channel;
struct http_head;

#define UNREAD_PIECES 2

/*
 * The head, which request_begin has put NULs into, is written again, into the
 * channel's arena; without optional blanks it is at most as long as before. The
 * octets behind it follow. False: there is no memory.
 */
bool unread_pieces(struct channel *channel, const struct http_head *head,
    struct iovec pieces[UNREAD_PIECES]);

#endif
