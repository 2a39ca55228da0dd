/*
 * Methods: their names, and the sets of methods that handlers accept. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_METHODS_H
#define PRONG_HTTP_METHODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Room for an Allow field with all methods. */
#define METHODS_TEXT_BYTES 64

/* PRONG_GET ... for the name of a method, PRONG_GET for HEAD, too; 0 for
 * CONNECT, TRACE and unknown methods. */
uint64_t methods_bit(struct slice name);

/* The place of a method in tables of counts: GET, HEAD, POST, PUT, DELETE, PATCH,
 * OPTIONS, all others. */
size_t methods_place(struct slice name);

/* Whether the methods of a handler (0: GET alone) contain that method. */
bool methods_contain(uint64_t methods, uint64_t bit);

/* All of these methods but that one (methods_bit). */
uint64_t methods_without(uint64_t methods, uint64_t bit);

/* Writes a list like "GET, HEAD, OPTIONS", always with OPTIONS. Returns out. */
const char *methods_format(uint64_t methods, char out[METHODS_TEXT_BYTES]);

#endif
