/*
 * The status as a page for browsers. It needs no other file, shows everything without
 * script, and updates itself in place with it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_PAGE_H
#define STATUS_PAGE_H

#include <stdbool.h>

#include "status/order.h"

struct counts;
struct prong_request;
struct view;

/* What a request shows of the status, again and again if it is a stream. */
struct page {
	struct order order;
	struct view *view;
};

/* The value of Content-Security-Policy. */
extern const char page_policy[];

/* By the query of the request, whose memory it needs. -1: there is none. */
int page_init(struct page *page, struct prong_request *request);

/* Whether the request is for what changes of the page alone. */
bool page_is_part(struct prong_request *request);

/* Writes the page, or what changes of it if the query has part=live: 0, or -1 when
 * the client has gone or there is no memory. */
int page_write(struct page *page, struct prong_request *request,
    const struct counts *counts);

/* Writes what changes of the page, as one line without its end. */
int page_write_live(struct page *page, struct prong_request *request,
    const struct counts *counts);

#endif
