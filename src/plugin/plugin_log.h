/*
 * Maps the levels of handlers to those of the error log.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PLUGIN_PLUGIN_LOG_H
#define PRONG_PLUGIN_PLUGIN_LOG_H

#include <stdint.h>

#include "base/log.h"

/* The level for a PRONG_LOG_ level; info for an unknown one. */
enum log_level plugin_log_level(int32_t level);

/* Logs at a PRONG_LOG_ level. */
void plugin_log(int32_t level, const char *format, ...) LOG_PRINTF(2, 3);

#endif
