/*
 * Listings: the entries of a folder, as a page for people and as JSON for
 * programs. Only entries that would be served are listed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct beneath;
struct listing_order;
struct prong_request;

struct listing_entry {
	const char *name;
	bool is_folder;
	int64_t size;	  /* of a file */
	int64_t modified; /* seconds since 1970 */
};

struct listing {
	struct listing_entry *entries; /* listing_order.h sorts them */
	size_t count;
	bool cut; /* the folder has more entries */
};

/* The folder to list. */
struct listing_folder {
	const struct beneath *beneath;
	const char *path; /* beneath the first base */
	bool dot_files;	  /* are listed */
};

/* Reads the folder open at fd, unsorted, and closes fd. The memory is the request's. 0,
 * or -1 and errno; EAGAIN: it is long, and the request can move. */
int listing_read(struct listing *listing, struct prong_request *request,
    const struct listing_folder *folder, int fd);

/* Append the listing to the response; 0, or -1 when the client has gone. */
int listing_write_json(struct prong_request *request,
    const struct listing *listing);
int listing_write_page(struct prong_request *request,
    const struct listing *listing, const struct listing_order *order);

/* The value of Content-Security-Policy that permits the page its style, and
 * nothing else. */
extern const char listing_page_policy[];

#endif
