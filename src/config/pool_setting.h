/*
 * The setting processes of a route: how many serve it at a time, and whether each
 * serves one client after the other.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_POOL_SETTING_H
#define PRONG_CONFIG_POOL_SETTING_H

#include <stdint.h>

#include <libconfig.h>

struct report;

/* The most processes of one route; and of all routes together, which each have a
 * table of them. */
#define POOL_PROCESSES_MAX     256
#define POOL_PROCESSES_MAX_SUM 256

struct pool_setting {
	uint64_t max;		  /* processes at a time */
	uint64_t spare;		  /* that wait for a client, at least */
	uint64_t requests;	  /* that one serves; 0: of one connection */
	int64_t idle_ms;	  /* without a client, beyond the spare ones */
	uint64_t queue;		  /* clients that wait for a process */
	int64_t queue_timeout_ms; /* of each of these */
};

/* Reads the group. -1 after reporting each error. */
int pool_setting_read(const config_setting_t *group, struct pool_setting *pool,
    struct report *report);

#endif
