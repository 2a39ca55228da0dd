/*
 * The functions of the handler API for what the server knows of a request beyond what
 * was sent: by which rules and through whom it has come, and whether it counts.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_FACTS_H
#define PRONG_CONNECTION_HANDLER_FACTS_H

#include <stdint.h>

struct prong_request;

/* PRONG_FACT_... of prong/handler.h. */
uint64_t handler_facts(struct prong_request *request);

void handler_facts_uncount(struct prong_request *request);

#endif
