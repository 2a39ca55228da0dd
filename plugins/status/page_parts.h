/*
 * The parts of the page, each of which is written anew when the page updates itself.
 * They have no line ends, as an event has to be one line.
 *
 *	page.c		the whole page, and what its query asks for
 *	page_plots.c	the figures of the last minutes
 *	page_panels.c	processes, handlers, refusals, the last reload
 *	page_table.c	the connections
 *
 * Texts of clients, and of processes that may have been broken into, are written by
 * escape_html alone. All functions return 0, or -1 when the client has gone.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_PAGE_PARTS_H
#define STATUS_PAGE_PARTS_H

struct order;
struct prong_request;
struct view;

int page_write_plots(struct prong_request *request, const struct view *view);
int page_write_panels(struct prong_request *request, const struct view *view);
int page_write_table(struct prong_request *request, const struct view *view,
    const struct order *order);

#endif
