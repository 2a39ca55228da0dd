/*
 * The functions of the handler API for what a handler keeps and sends repeatedly. They
 * are those of the table in prong/handler.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_KEPT_H
#define PRONG_CONNECTION_HANDLER_KEPT_H

#include <stdint.h>

struct prong_loan;
struct prong_request;

uint64_t handler_kept_turn(struct prong_request *request);
int32_t handler_kept_lend(struct prong_request *request,
    struct prong_loan *loan, const void *data, uint64_t length);
int32_t handler_kept_lend_file(struct prong_request *request,
    struct prong_loan *loan, int32_t fd, uint64_t offset, uint64_t length);
uint64_t handler_kept_prepare(struct prong_request *request, void *memory,
    uint64_t size);
int32_t handler_kept_prepared(struct prong_request *request,
    const void *memory);

#endif
