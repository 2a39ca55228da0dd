/*
 * The server's side of the handler API of <prong/handler.h>: the table of
 * functions that handlers call on a request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_API_H
#define PRONG_CONNECTION_HANDLER_API_H

struct prong_request_api;

const struct prong_request_api *handler_api_table(void);

#endif
