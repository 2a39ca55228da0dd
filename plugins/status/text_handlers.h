/*
 * What text has of each handler, of reloads and of generations.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_TEXT_HANDLERS_H
#define STATUS_TEXT_HANDLERS_H

struct prong_request;

/* These append lines to the response: 0, or -1 when the client has gone. */
int text_write_reloads(struct prong_request *request);
int text_write_handlers(struct prong_request *request);

#endif
