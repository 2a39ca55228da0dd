/*
 * Sends an answer: decides its framing, makes its head, and sends what of its
 * content is wanted.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_SENDER_H
#define PRONG_MESSAGE_SENDER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct response;

/*
 * What handlers write. 0, or -1 when nothing more is wanted: the client has
 * gone (response->error), or has all of the answer that it asked for.
 */
int sender_write(struct response *response, const void *data, size_t length);
int sender_format(struct response *response, const char *format, va_list ap)
    __attribute__((__format__(__printf__, 2, 0)));
int sender_file(struct response *response, int fd, uint64_t offset,
    uint64_t length);

/* Sends what was written so far. */
int sender_flush(struct response *response);

/* Sends the rest, after which response->persists is final. 0, or -1 when the
 * answer could not be completed. */
int sender_finish(struct response *response);

#endif
