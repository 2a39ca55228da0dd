/*
 * The messages between the master and a generation, over the control socket
 * that they share (SOCK_SEQPACKET). A table has the name, the receiver
 * and the content of each kind; a message that differs from it is refused. The
 * receivers act on the messages (server_generation.c, generation.c).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_PROTOCOL_H
#define PRONG_HANDOVER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdpass.h"

/*
 * The number of this protocol and of the state that an upgrade hands on
 * (manifest.h): a release that changes either raises it. A release does not
 * take over from one with another number, since it could not exchange messages
 * with the generations of that release.
 */
#define PROTOCOL_NUMBER 5

/* A message, with its NUL. */
#define PROTOCOL_MESSAGE_BYTES 4096
/* As many numbers as there can be listeners. */
#define PROTOCOL_NUMBERS_MAX 256

/* Of a worker: its process (0: there is none at the moment), age in s, connections,
 * and requests. */
#define PROTOCOL_WORKER_NUMBERS 4
/* In a message. */
#define PROTOCOL_WORKERS_MAX \
	((PROTOCOL_NUMBERS_MAX - 1) / PROTOCOL_WORKER_NUMBERS)

enum protocol_kind {
	/* To the master. */
	PROTOCOL_LOG,	  /* a copy of an error or a warning (log_copy_to);
			      also from the config loader and the proof */
	PROTOCOL_MISSING, /* the number of its handlers whose folder is not
			      there; before PROTOCOL_READY, if there are any */
	PROTOCOL_READY,	  /* the generation serves */
	PROTOCOL_WORN,	  /* the generation asks to be replaced; the number is
			      the reason (enum protocol_wear) */
	PROTOCOL_MOVED, /* it asks for that, as a folder of a handler is another
			      one since its start */
	PROTOCOL_COUNTED,  /* the number of its connections */
	PROTOCOL_WORKERS,  /* before PROTOCOL_COUNTED, if it has workers: the
			      place of the first one here, from 0 on; then
			      PROTOCOL_WORKER_NUMBERS for each */
	PROTOCOL_DRAINS,   /* the generation has closed the listeners that stay;
			      it still accepts from those of PROTOCOL_DRAIN */
	PROTOCOL_REOPENED, /* the number of PROTOCOL_REOPEN: the old logs are
			      complete and closed */
	/* To the generation. */
	PROTOCOL_COUNT,	 /* asks for PROTOCOL_COUNTED */
	PROTOCOL_SERVE,	 /* accept: the generation before has drained */
	PROTOCOL_DRAIN,	 /* accept no more; the numbers are indices, in the
			    handover, of listeners that end: their backlogs are
			    served first */
	PROTOCOL_LINGER, /* the number of ms that listeners which end are kept at
			    PROTOCOL_DRAIN, which follows */
	PROTOCOL_STOP,	 /* end; connections in flight finish */
	PROTOCOL_LEAVE,	 /* the server is about to stop */
	PROTOCOL_REOPEN, /* a number; descriptors: the error log and, where
			    there is one, the access log */
	PROTOCOL_KINDS
};

enum protocol_wear {
	PROTOCOL_WEAR_NONE,
	PROTOCOL_WEAR_CRASHES, /* too many handlers crashed */
	PROTOCOL_WEAR_SLOTS,   /* few are left that can be used again */
	PROTOCOL_WEAR_HELPER   /* one of its helpers has ended */
};

enum protocol_receiver { PROTOCOL_TO_MASTER, PROTOCOL_TO_GENERATION };

/* The kind determines the members in use; the others are 0. */
struct protocol_message {
	enum protocol_kind kind;
	uint64_t number;
	size_t numbers[PROTOCOL_NUMBERS_MAX];
	size_t number_count; /* of numbers */
	const char *text;    /* borrowed: "LEVEL: TEXT" of PROTOCOL_LOG */
	int fds[FDPASS_MAX];
	size_t fd_count;
};

/* Writes the message, without its descriptors. Its length; 0 when it does not
 * fit, has too many numbers, or has another number of descriptors than its
 * kind. */
size_t protocol_format(const struct protocol_message *message,
    char text[PROTOCOL_MESSAGE_BYTES]);

/* Parses a message to that receiver, which came with fd_count descriptors; the
 * caller fills in fds. The message's text points into the given one. False: it
 * is no such message. */
bool protocol_parse(struct protocol_message *message,
    enum protocol_receiver receiver, const char *text, size_t fd_count);

/* Sends the message, with its descriptors, which stay open here. flags are
 * those of send(2). -1 and errno: EINVAL for a message that protocol_format
 * refuses. */
int protocol_send(int socket, const struct protocol_message *message,
    int flags);

/* Takes a message without waiting; its text points into the buffer, and the
 * caller owns its descriptors. 1; 0 at the end of the connection; -1 and errno:
 * EBADMSG for a message that was refused, whose descriptors are closed. */
int protocol_receive(int socket, enum protocol_receiver receiver,
    struct protocol_message *message, char buffer[PROTOCOL_MESSAGE_BYTES]);

#endif
