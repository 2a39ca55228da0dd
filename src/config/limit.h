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

/* Limits of a request. A site inherits the limits of the server, a route those
 * of its site. */
struct limits {
	uint64_t max_request_line_bytes; /* server only: before routing */
	uint64_t max_head_bytes;	 /* server only */
	uint64_t max_fields;		 /* server only */
	uint64_t max_body_bytes;
	int64_t head_timeout_ms;      /* server only: the whole head */
	int64_t body_timeout_ms;      /* between two bytes of the body */
	uint64_t min_body_rate;	      /* bytes a second, 0: none */
	int64_t send_timeout_ms;      /* while the client does not read */
	int64_t idle_timeout_ms;      /* between requests */
	uint64_t max_requests;	      /* a connection, 0: no limit */
	int64_t max_request_time_ms;  /* of a handler, since an octet moved;
				      * 0: no limit */
	int64_t max_request_total_ms; /* of a handler; 0: no limit */
	int64_t gone_grace_ms;	      /* for a client that has gone; 0: ever */
	int64_t max_cpu_time_ms;      /* 0: no limit */
	uint64_t max_memory_bytes;    /* 0: no limit */
	uint64_t max_open_files;      /* 0: no limit */
	uint64_t max_processes; /* that handlers have started; 0: no limit */
};

void limits_set_defaults(struct limits *limits);

/* Whether name is a limit at all; whether sites and routes may set it, too. */
bool limits_know(const char *name);
bool limits_know_below_server(const char *name);

/* Sets the limit of the setting's name. -1 after reporting. */
int limits_read(const config_setting_t *setting, struct limits *limits,
    struct report *report);

/* Writes the names of the limits, for messages; returns their number. */
#define LIMITS_MAX 20
size_t limits_names(const char *names[LIMITS_MAX], bool of_server);

#endif
