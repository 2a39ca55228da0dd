/*
 * Lines of handlers in the error log, and lines on misuse of the handler API.
 * Each line names the handler and its route.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_LOG_H
#define PRONG_CONNECTION_HANDLER_LOG_H

#include <stdarg.h>
#include <stdint.h>

struct handler;
struct request;

/* A handler's line at a PRONG_LOG_ level. During a request, the line names the
 * request, too; in the child callback there is none. */
void handler_log_request(const struct request *request, int32_t level,
    const char *format, va_list ap)
    __attribute__((__format__(__printf__, 3, 0)));
void handler_log_child(const struct handler *handler, int32_t level,
    const char *format, va_list ap)
    __attribute__((__format__(__printf__, 3, 0)));

/* A bug of the current handler: what is "set a status that is none", say. */
void handler_log_misuse(const struct request *request, const char *what);

#endif
