/*
 * The handlers in this process: the state of each, and its child callback
 * before its first request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_STATE_H
#define PRONG_CONNECTION_HANDLER_STATE_H

struct configuration;
struct handler;

/* To be called before each request of a handler; calls its child callback
 * before the first. 0, or -1 after logging a failure. A failed callback is not
 * called again: later requests get -1, too. */
int handler_state_prepare(const struct configuration *configuration,
    const struct handler *handler);

/* The handler's state: the plugin's state_size octets, allocated as zeros by
 * the first call. NULL when the plugin has none, or there is no memory. */
void *handler_state_of(const struct configuration *configuration,
    const struct handler *handler);

#endif
