/*
 * A field line of a head. The values of Host, Content-Length,
 * Transfer-Encoding, Connection and Expect are read here, too; head.c checks
 * them against each other after the last field.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_FIELD_LINE_H
#define PRONG_HTTP_FIELD_LINE_H

#include "base/slice.h"
#include "http/head.h"

/* Adds a line without its CRLF to the head's fields. HTTP_COMPLETE, or the
 * error. */
enum http_verdict field_line_parse(struct http_head *head, struct slice line,
    const struct http_limits *limits);

#endif
