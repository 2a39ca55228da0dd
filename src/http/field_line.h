/*
 * A field line of a head. The values of Host, Content-Length,
 * Transfer-Encoding, Connection and Expect are read here, too; head.c draws the
 * conclusions when all fields are there.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_FIELD_LINE_H
#define PRONG_HTTP_FIELD_LINE_H

#include "base/slice.h"
#include "http/head.h"

/* Adds a line without its CRLF to the head's fields. HTTP_COMPLETE, or what is
 * wrong. */
enum http_verdict field_line_parse(struct http_head *head, struct slice line,
    const struct http_limits *limits);

#endif
