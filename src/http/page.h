/*
 * The look of the pages that the server makes, as constants: error pages fill
 * them in, and responses that are sent without a connection's memory or without
 * a process are whole constants of them. A page needs no other file and runs no
 * script. The listings of static, the first page of the Debian package and the
 * site that is an example have the same colours, written once more: plugins
 * include nothing of the server, and the other two are files. pages.t compares.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_PAGE_H
#define PRONG_HTTP_PAGE_H

#include <stddef.h>

#define PAGE_TYPE "text/html; charset=utf-8"

/* Short, so that a constant response fits into one segment of any path: see
 * PAGE_RESPONSE_MAX. The contrast of text is 4.5:1 or more, light and dark. */
#define PAGE_STYLE \
	":root{color-scheme:light dark;--faint:#666;--link:#0b57a4}\n" \
	"@media(prefers-color-scheme:dark)" \
	"{:root{--faint:#aaa;--link:#7db8f0}}\n" \
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;" \
	"margin:12vh auto;padding:0 1rem;overflow-wrap:anywhere}\n" \
	"h1{font-size:1.25rem;font-weight:600}\n" \
	"p{color:var(--faint)}\n" \
	"a{color:var(--link)}\n"

/* The value of Content-Security-Policy. The hash is that of PAGE_STYLE (CSP
 * 2.4.2); a test computes it. */
#define PAGE_POLICY \
	"default-src 'none'; base-uri 'none'; form-action 'none'; " \
	"style-src 'sha256-qybtXybaz4fUY+k1U3la2EnCVDjo+FVJiwJt91nufcg='"

/* The parts of a page, in this order. */
#define PAGE_BEFORE_TITLE \
	"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n" \
	"<meta name=\"viewport\" content=\"width=device-width\">\n<title>"
#define PAGE_BEFORE_HEADING \
	"</title>\n<style>\n" PAGE_STYLE "</style>\n<main>\n<h1>"
#define PAGE_AFTER_HEADING "</h1>\n"
#define PAGE_HOME	   "<p><a href=\"/\">Home</a></p>\n"
#define PAGE_END	   "</main>\n"

/* A whole page; home is PAGE_HOME or "". */
#define PAGE(title, sentence, home) \
	PAGE_BEFORE_TITLE title PAGE_BEFORE_HEADING title PAGE_AFTER_HEADING \
	    "<p>" sentence "</p>\n" home PAGE_END

/* A whole response. A path of IPv6 carries 1280 octets in a packet (RFC 8200
 * 5), so this many arrive together, with room for all heads. */
#define PAGE_RESPONSE_MAX 1024

struct page_response {
	const char *text;
	size_t head_bytes, bytes; /* bytes: with the head */
};

/* Defines a constant response. status is "500 Internal Server Error", length the
 * number of octets of the page; fields are further lines, each with CRLF. */
#define PAGE_RESPONSE(name, status, length, fields, page) \
	static const struct page_response name = { \
		.text = PAGE_HEAD(status, length, fields) "\r\n" page, \
		.head_bytes = \
		    sizeof(PAGE_HEAD(status, length, fields) "\r\n") - 1, \
		.bytes = \
		    sizeof(PAGE_HEAD(status, length, fields) "\r\n" page) - 1, \
	}; \
	_Static_assert(sizeof(page) - 1 == (length), "Content-Length"); \
	_Static_assert(sizeof(PAGE_HEAD(status, length, \
			   fields) "\r\n" page) <= PAGE_RESPONSE_MAX, \
	    "PAGE_RESPONSE_MAX")
#define PAGE_HEAD(status, length, fields) \
	"HTTP/1.1 " status "\r\n" \
	"Server: prong\r\n" \
	"Content-Type: " PAGE_TYPE "\r\n" fields \
	"Content-Security-Policy: " PAGE_POLICY "\r\n" \
	"Content-Length: " #length "\r\n" \
	"Connection: close\r\n"

#endif
