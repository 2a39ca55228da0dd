/*
 * Applies the preconditions and ranges of a request to the response of any
 * handler, before it is sent (RFC 9110 13 and 14).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_PRECONDITIONS_H
#define PRONG_MESSAGE_PRECONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

struct response;

/*
 * To be called once, before the head is made. is_known: the representation has
 * total octets. is_all: all content is in the queue, so it can be sent in
 * another order. May turn a 200 into 206, 304, 412 or 416. True: the status has
 * changed, and all octets to be sent are in the queue.
 */
bool preconditions_apply(struct response *response, int64_t now, bool is_known,
    uint64_t total, bool is_all);

#endif
