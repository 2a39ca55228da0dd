/*
 * The request line of a head: method, target and version. For head.c alone,
 * which finds the line.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_REQUEST_LINE_H
#define PRONG_HTTP_REQUEST_LINE_H

#include "base/slice.h"
#include "http/head.h"

/* Reads "method SP target SP version", with single spaces (RFC 9112 3), into
 * the head. HTTP_COMPLETE, or what is wrong. */
enum http_verdict request_line_parse(struct http_head *head, struct slice line);

/* Refuses a method as its octets arrive. HTTP_INCOMPLETE when nothing is wrong:
 * a method that is complete is known by its space. A CR ends the line, and
 * request_line_parse then finds the method wanting. */
enum http_verdict request_line_check_method(struct slice line);

#endif
