/*
 * Methods: their names, and which of them handlers take. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HTTP_METHODS_H
#define PRONG_HTTP_METHODS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Room for an Allow field with all methods. */
#define METHODS_TEXT_BYTES 64

/* PRONG_GET ... for a method's name, HEAD being a GET; 0 for CONNECT, TRACE
 * and whatever is not known here. */
uint64_t methods_bit(struct slice name);

/* Whether a descriptor's methods (0: GET alone) hold that one. */
bool methods_contain(uint64_t methods, uint64_t bit);

/* "GET, HEAD, OPTIONS". OPTIONS is always in it. Returns out. */
const char *methods_format(uint64_t methods, char out[METHODS_TEXT_BYTES]);

#endif
