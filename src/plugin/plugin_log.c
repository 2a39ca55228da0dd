/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_log.h"

#include <stdarg.h>

#include <prong/handler.h>

enum log_level
plugin_log_level(int32_t level)
{
	switch (level) {
	case PRONG_LOG_ERROR:
		return LEVEL_ERROR;
	case PRONG_LOG_WARNING:
		return LEVEL_WARNING;
	case PRONG_LOG_DEBUG:
		return LEVEL_DEBUG;
	case PRONG_LOG_INFO:
	default:
		return LEVEL_INFO;
	}
}

void
plugin_log(int32_t level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_message(plugin_log_level(level), format, ap);
	va_end(ap);
}
