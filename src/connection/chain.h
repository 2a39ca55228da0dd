/*
 * The chain of a route: its handlers, in their order, and the methods that they
 * take together. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_CHAIN_H
#define PRONG_CONNECTION_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

struct handler;
struct route;

/* The methods that the route takes, for Allow (PRONG_GET ...). A gate
 * (PRONG_GATE) only decides whether the handlers after it are called, so its own
 * methods count only in a route of nothing but gates. */
uint64_t chain_methods(const struct route *route);

/* Whether the handler is called for a method (methods_bit): a gate for every
 * method, another handler for those that it takes. */
bool chain_calls(const struct handler *handler, uint64_t bit);

/* Whether any handler of the route is called for the method. */
bool chain_calls_any(const struct route *route, uint64_t bit);

#endif
