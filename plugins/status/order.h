/*
 * Order: which connections the page shows and how they are sorted, by the query of
 * the request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_ORDER_H
#define STATUS_ORDER_H

#include <stdbool.h>
#include <stddef.h>

struct prong_request;
struct view_row;

enum order_column {
	ORDER_STATE,
	ORDER_AGE,
	ORDER_CLIENT,
	ORDER_REQUEST,
	ORDER_HANDLER,
	ORDER_ROUTE,
	ORDER_TIME, /* of the request */
	ORDER_REQUESTS,
	ORDER_SENT,
	ORDER_RECEIVED,
	ORDER_CPU,
	ORDER_PID,
	ORDER_COLUMNS
};

#define ORDER_ROWS	 100 /* unless the query has another number */
#define ORDER_ROWS_MAX	 10000
#define ORDER_FILTER_MAX 100

struct order {
	enum order_column column;
	bool descends;
	size_t rows;	    /* at most so many are shown */
	const char *filter; /* "": all; of the request */
};

/* The name of a column in the query. */
const char *order_name(enum order_column column);

/* Whether a column begins with its highest value when it is sorted. */
bool order_begins_high(enum order_column column);

/* From sort, order, rows and filter of the query. What is not understood has its
 * default: the oldest connections first. */
struct order order_of(struct prong_request *request);

/* Whether the text of the filter is in the row, in capitals or not. */
bool order_matches(const struct order *order, const struct view_row *row);

/* Less than 0: a comes before b. */
int order_compare(const struct order *order, const struct view_row *a,
    const struct view_row *b);

#endif
