/*
 * Quantities as short text.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_MEASURE_H
#define PRONG_CLI_MEASURE_H

#include <stdint.h>

#define MEASURE_BYTES 32

/* Each writes the text, and returns it. */

/* "5s", "12m03", "3h07", "12d". */
const char *measure_seconds(int64_t seconds, char text[MEASURE_BYTES]);

/* "14", "1.4K", "12M", "1.2G" of octets, by powers of 1024. */
const char *measure_octets(uint64_t octets, char text[MEASURE_BYTES]);

/* As it is up to six digits; then "1.2M", "34G". */
const char *measure_count(uint64_t count, char text[MEASURE_BYTES]);

/* "12.3"; "-" for a rate below 0, which is unknown. */
const char *measure_rate(double rate, char text[MEASURE_BYTES]);

/* "850 us", "1.2 ms", "3.4 s"; "-" of no requests. */
const char *measure_us(uint64_t us, uint64_t count, char text[MEASURE_BYTES]);

#endif
