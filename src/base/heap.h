/*
 * Heap: what malloc has given during the start, moved to a sealed file in
 * memory. A fork copies no entries of page tables for pages of such a mapping
 * that the process has not touched since, and the end of a process undoes none.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_HEAP_H
#define PRONG_BASE_HEAP_H

/* Notes where the heap ends; what comes behind can be moved. Until heap_settle large
 * pieces of memory come from there, too. */
void heap_begin(void);

/* Moves what has come since, if it is large enough to be worth it. Each process
 * that writes to a page has a copy of its own, as before. No other thread may
 * run. If the kernel refuses, all stays as it was. */
void heap_settle(void);

#endif
