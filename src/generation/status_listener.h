/*
 * The listener of status_listen, whose connections have slots of their own.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_STATUS_LISTENER_H
#define PRONG_GENERATION_STATUS_LISTENER_H

#include <stddef.h>

struct configuration;

/* Its descriptor among these; -1: there is none. */
int status_listener(const struct configuration *configuration,
    const int *listeners, size_t count);

#endif
