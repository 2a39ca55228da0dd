/*
 * The request line of a head: method, target and version. Only head.c uses it,
 * which finds the line.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_REQUEST_LINE_H
#define PRONG_HTTP_REQUEST_LINE_H

#include "base/slice.h"
#include "http/head.h"

/* Reads "method SP target SP version", with single spaces (RFC 9112 3), into
 * the head. HTTP_COMPLETE, or the error. */
enum http_verdict request_line_parse(struct http_head *head, struct slice line);

/* The number of octets that can be of a method, at the beginning of a line. */
size_t request_line_method_length(struct slice line);

/* Checks the octets of a method as they arrive. HTTP_INCOMPLETE as long as they
 * are valid, or up to the space after the method. A CR ends the line, and
 * request_line_parse then refuses it. */
enum http_verdict request_line_check_method(struct slice line);

#endif
