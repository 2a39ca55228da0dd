/*
 * What is gathered to be sent in one system call: heads, memory, small files
 * that were read into memory. A large file sends what was gathered before it.
 *
 * Functions return -1 with response->error set, and file_error where a file was
 * at fault.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_BATCH_H
#define PRONG_MESSAGE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct response;

#define BATCH_MAX 16

struct batch {
	struct response *response;
	size_t count; /* of iov; 0 to begin with */
	struct iovec iov[BATCH_MAX];
};

/* The memory must stay until it is sent. */
int batch_add(struct batch *batch, char *data, size_t length);

/* Adds what of the response's queue lies between first and end of the content,
 * if the queue begins at response->position. */
int batch_add_between(struct batch *batch, uint64_t first, uint64_t end);

/* more: other octets follow at once. */
int batch_send(struct batch *batch, bool more);

/* How much of [position, position + length) lies in [first, end), and how far
 * in that begins. No sum may pass INT64_MAX. */
uint64_t batch_overlap(uint64_t position, uint64_t length, uint64_t first,
    uint64_t end, uint64_t *skip);

#endif
