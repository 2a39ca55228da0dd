/*
 * The contract of <prong/handler.h> from the server's side: the table of
 * functions that a request has.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONTRACT_H
#define PRONG_CONTRACT_H

struct prong_request_api;

const struct prong_request_api *contract_request_api(void);

#endif
