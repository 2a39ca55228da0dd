/*
 * What a request's conditions and ranges make of a response that is about to be
 * sent (RFC 9110 13 and 14), whichever handler made it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MESSAGE_PRECONDITIONS_H
#define PRONG_MESSAGE_PRECONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

struct response;

/*
 * To be called once, before the head is made. is_known: the length of the
 * whole is total. is_all: the content is all there, so that it can be sent in
 * another order. May turn a 200 into 206, 304, 412 or 416; for these, all that
 * is to be sent is then there, and true is returned. Otherwise false.
 */
bool preconditions_apply(struct response *response, int64_t now, bool is_known,
    uint64_t total, bool is_all);

#endif
