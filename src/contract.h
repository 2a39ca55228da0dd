/*
 * The contract of <prong/handler.h> from the server's side: the tables of
 * functions, and what each handler has in this process.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONTRACT_H
#define PRONG_CONTRACT_H

struct configuration;
struct handler;
struct prong_request_api;

const struct prong_request_api *contract_request_api(void);

/* Before a handler's first request in this process: calls its child callback.
 * 0, or -1 after logging, then and ever after. */
int contract_prepare_handler(const struct configuration *configuration,
    const struct handler *handler);

#endif
