/*
 * The names of signals that a handler ends by.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_SIGNAL_NAME_H
#define STATUS_SIGNAL_NAME_H

#include <stdint.h>

#define SIGNAL_NAME_BYTES 32

/* "SIGSEGV"; the number of a signal that has no name here. Returns out. */
const char *signal_name(uint64_t number, char out[SIGNAL_NAME_BYTES]);

#endif
