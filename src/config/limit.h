/*
 * The settings of limits, their defaults and bounds: one flat table for the
 * server, its sites and their routes.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONFIG_LIMIT_H
#define PRONG_CONFIG_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

struct report;

/* Limits of a request. A site inherits the server's, a route its site's. */
struct limits {
	uint64_t max_request_line_bytes; /* server only: read before
						   routing */
	uint64_t max_head_bytes;	 /* server only */
	uint64_t max_fields;		 /* server only */
	uint64_t max_body_bytes;
	int64_t head_timeout_ms;     /* server only: the whole head */
	int64_t body_timeout_ms;     /* without a byte of the body */
	uint64_t min_body_rate;	     /* bytes a second, 0: none */
	int64_t send_timeout_ms;     /* a client that does not read */
	int64_t idle_timeout_ms;     /* between requests */
	uint64_t max_requests;	     /* a connection, 0: no limit */
	int64_t max_request_time_ms; /* of the handlers; these: 0: none */
	int64_t max_cpu_time_ms;
	uint64_t max_memory_bytes;
	uint64_t max_open_files;
};

void limits_set_defaults(struct limits *limits);

/* Whether name is a limit: of the server, or one that sites and routes may
 * set too. */
bool limits_know(const char *name);
bool limits_know_below_server(const char *name);

/* Changes the limit that the setting names. -1 after reporting. */
int limits_read(const config_setting_t *setting, struct limits *limits,
    struct report *report);

/* Puts the names in, for messages; returns how many. */
#define LIMITS_MAX 20
size_t limits_names(const char *names[LIMITS_MAX], bool of_server);

#endif
