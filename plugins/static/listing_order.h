/*
 * The order of a listing: by name, size or time. A query such as "C=S;O=D" asks
 * for it, as in the listings of other servers: C is the column (N, S or M for
 * name, size and time), O the order (A or D, ascending and descending).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef LISTING_ORDER_H
#define LISTING_ORDER_H

#include <stdbool.h>

struct listing;

enum listing_column { LISTING_NAME, LISTING_SIZE, LISTING_MODIFIED };

struct listing_order {
	enum listing_column column;
	bool descends;
};

/* The order that the query asks for; by name, where it asks for none. A query of
 * NULL is none. */
struct listing_order listing_order_parse(const char *query);

/* Compares names as a person looks them up: numbers within them by their value,
 * "a2" before "a10"; case matters only between equals. Below, equal to or above
 * 0; 0 for equal texts alone. */
int listing_order_names(const char *a, const char *b);

/* Sorts the entries, folders first. Equal ones, and folders by size, are in the
 * order of their names. */
void listing_order_sort(struct listing *listing,
    const struct listing_order *order);

#endif
