/* SPDX-License-Identifier: ISC */
#include "connection/handler_kept.h"

#include <prong/handler.h>

#include "message/prepared.h"
#include "message/request.h"

static struct request *
of(struct prong_request *request)
{
	return (struct request *)request;
}

uint64_t
handler_kept_turn(struct prong_request *request)
{
	return request_turn(of(request));
}

int32_t
handler_kept_lend(struct prong_request *request, struct prong_loan *loan,
    const void *data, uint64_t length)
{
	return sender_lend(&of(request)->sender, loan, data, (size_t)length);
}

int32_t
handler_kept_lend_file(struct prong_request *request, struct prong_loan *loan,
    int32_t fd, uint64_t offset, uint64_t length)
{
	return sender_lend_file(&of(request)->sender, loan, fd, offset, length);
}

uint64_t
handler_kept_prepare(struct prong_request *request, void *memory, uint64_t size)
{
	return prepared_make(&of(request)->response, memory, (size_t)size);
}

int32_t
handler_kept_prepared(struct prong_request *request, const void *memory)
{
	return response_set_prepared(&of(request)->response, memory);
}
