/*
 * Amounts as text for people: counts, durations, octets.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_AMOUNT_H
#define STATUS_AMOUNT_H

#include <stdint.h>

/* Room for each of them, with NUL. All return out. */
#define AMOUNT_BYTES 32

/* "12,345"; "–" for a negative one, which is unknown. */
const char *amount_count(char out[AMOUNT_BYTES], int64_t count);

/* A count a second: "0", "0.04", "0.4", "12", "3,456". */
const char *amount_rate(char out[AMOUNT_BYTES], double rate);

/* Of seconds: "12 s", "3 min 04 s", "2 h 05 min", "4 d 03 h". */
const char *amount_age(char out[AMOUNT_BYTES], int64_t seconds);

/* Of seconds: "0.40 ms", "12 ms", "1.5 s". */
const char *amount_latency(char out[AMOUNT_BYTES], double seconds);

/* "999 B", "1.5 KiB"; "–" for a negative one. */
const char *amount_octets(char out[AMOUNT_BYTES], int64_t octets);

/* A point in time, in seconds since 1970: "2026-11-28 07:31:59 UTC". */
const char *amount_time(char out[AMOUNT_BYTES], int64_t seconds);

#endif
