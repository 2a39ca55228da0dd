/*
 * Shared by the parts of the sender only:
 *
 *	sender.c	decides what is sent, and when
 *	sender_batch.c	gathers octets and sends them in few system calls
 *	sender_look.c	looks whether files are in memory
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_INTERNAL_H
#define PRONG_MESSAGE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

struct sender;

/* Sends the head if it is not sent yet, the queue of content, and the memory
 * that follows the queue. final: no content follows. 0, or -1 with
 * sender->error set, and file_error if a file caused the error. */
int sender_transmit(struct sender *sender, const void *data, size_t length,
    bool final);

/* Where clients share the process, and the request can leave it: whether a file of
 * the response, of which nothing was sent, is not in memory. */
bool sender_would_wait(struct sender *sender);

#endif
