/*
 * Handlers for the fuzzed connection, linked in, and the configuration that
 * routes to them. They ask for everything that the contract has to tell, and
 * say whatever the client tells them to.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FUZZ_HANDLERS_H
#define PRONG_FUZZ_HANDLERS_H

struct configuration;

/* Parsed, filled and opened; made once, never freed. */
const struct configuration *handlers_configuration(void);

#endif
