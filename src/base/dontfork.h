/*
 * Zeroed memory that a forked process does not inherit, for the generation's
 * tables. So a connection cannot read other clients' addresses there, and
 * writing by the generation never copies a page that a connection shares.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_DONTFORK_H
#define PRONG_BASE_DONTFORK_H

#include <stddef.h>

/* So many octets rounded up to whole pages. */
size_t dontfork_whole_pages(size_t bytes);

/* Whole pages; never freed. Those of one process lie side by side as far as
 * can be, because each mapping makes a fork dearer, also one that it does not
 * copy. NULL and errno. */
void *dontfork_alloc(size_t bytes);

#endif
