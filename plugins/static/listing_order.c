/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdlib.h>
#include <string.h>

#include "static/listing.h"
#include "static/listing_order.h"

/* The value of the last parameter of that name, of one letter; '\0': none. */
static char
find_letter(const char *query, char name)
{
	char letter = '\0';
	size_t length;

	while (*query != '\0') {
		length = strcspn(query, ";&");
		if (length == 3 && query[0] == name && query[1] == '=')
			letter = query[2];
		query += length + (query[length] != '\0');
	}
	return letter;
}

struct listing_order
listing_order_parse(const char *query)
{
	struct listing_order order = { LISTING_NAME, false };

	if (!query)
		return order;
	switch (find_letter(query, 'C')) {
	case 'S':
		order.column = LISTING_SIZE;
		break;
	case 'M':
		order.column = LISTING_MODIFIED;
		break;
	default:
		break;
	}
	order.descends = find_letter(query, 'O') == 'D';
	return order;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* Compares the numbers at the beginning of both texts by their value, and puts
 * the texts behind them. */
static int
compare_numbers(const char **a, const char **b)
{
	size_t x, y;
	int order;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	x = strspn(*a, "0123456789");
	y = strspn(*b, "0123456789");
	order = x != y ? (x < y ? -1 : 1) : memcmp(*a, *b, x);
	*a += x;
	*b += y;
	return order;
}

int
listing_order_names(const char *a, const char *b)
{
	const char *x = a, *y = b;
	int order = 0;

	while (order == 0 && *x != '\0' && *y != '\0') {
		if (is_digit(*x) && is_digit(*y))
			order = compare_numbers(&x, &y);
		else
			order = lower(*x++) - lower(*y++);
	}
	if (order == 0)
		order = (*x != '\0') - (*y != '\0');
	return order != 0 ? order : strcmp(a, b);
}

static int
compare_values(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_entries(const void *a, const void *b, void *context)
{
	const struct listing_order *by = context;
	const struct listing_entry *x = a, *y = b;
	int order = 0;

	if (x->is_folder != y->is_folder)
		return x->is_folder ? -1 : 1;
	if (by->column == LISTING_SIZE)
		order = compare_values(x->size, y->size);
	else if (by->column == LISTING_MODIFIED)
		order = compare_values(x->modified, y->modified);
	else
		order = listing_order_names(x->name, y->name);
	if (order == 0)
		return listing_order_names(x->name, y->name);
	return by->descends ? -order : order;
}

void
listing_order_sort(struct listing *listing, const struct listing_order *order)
{
	struct listing_order by = *order;

	if (listing->count > 0)
		qsort_r(listing->entries, listing->count,
		    sizeof(*listing->entries), compare_entries, &by);
}
