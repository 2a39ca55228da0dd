/*
 * What each handler has in this process: state of its own, and its child
 * callback before the first request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_STATE_H
#define PRONG_CONNECTION_HANDLER_STATE_H

struct configuration;
struct handler;

/* Before a handler's first request in this process: calls its child callback.
 * 0, or -1 after logging, then and ever after. */
int handler_state_prepare(const struct configuration *configuration,
    const struct handler *handler);

/* Of the plugin's state_size octets, zeroed when they are first asked for. NULL
 * where the plugin wants none, or there is no memory. */
void *handler_state_of(const struct configuration *configuration,
    const struct handler *handler);

#endif
