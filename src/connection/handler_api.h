/*
 * The handler API of <prong/handler.h> from the server's side: the table of
 * functions that a request has.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_API_H
#define PRONG_CONNECTION_HANDLER_API_H

struct prong_request_api;

const struct prong_request_api *handler_api_table(void);

#endif
