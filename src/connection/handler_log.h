/*
 * Lines that handlers have in the error log, and those on what they do wrong:
 * each names the handler and its route.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_HANDLER_LOG_H
#define PRONG_CONNECTION_HANDLER_LOG_H

#include <stdarg.h>
#include <stdint.h>

struct handler;
struct request;

/* At a PRONG_LOG_ level: while the handler answers a request, which the line
 * names too, and before its first. */
void handler_log_request(const struct request *request, int32_t level,
    const char *format, va_list ap)
    __attribute__((__format__(__printf__, 3, 0)));
void handler_log_child(const struct handler *handler, int32_t level,
    const char *format, va_list ap)
    __attribute__((__format__(__printf__, 3, 0)));

/* Names the handler whose bug it is: "set a status that is none". */
void handler_log_misuse(const struct request *request, const char *what);

#endif
