/*
 * The names of what is counted, in the order of the tables of prong_server_stats.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_NAMES_H
#define STATUS_NAMES_H

#include <prong/handler.h>

__attribute__((__unused__)) static const char
    *const names_of_methods[PRONG_STATS_METHODS] = { "GET", "HEAD", "POST",
	    "PUT", "DELETE", "PATCH", "OPTIONS", "other" };

__attribute__((__unused__)) static const char
    *const names_of_errors[PRONG_STATS_ERRORS] = { "400", "404", "408", "413",
	    "500", "503", "other_4xx", "other_5xx" };

__attribute__((__unused__)) static const char
    *const names_of_refusals[PRONG_STATS_REFUSALS] = { "full", "client",
	    "network", "penalty", "pool" };

#endif
