/*
 * Opening: the handlers' open callbacks, run once in a generation.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_OPEN_H
#define PRONG_PLUGIN_PLUGIN_OPEN_H

#include <stdbool.h>

struct configuration;
struct report;

/* Calls the open callback of every handler, in the configuration's order. -1
 * after reporting. */
int plugin_open_all(struct configuration *configuration, bool is_test,
    struct report *report);

#endif
