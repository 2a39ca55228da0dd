/*
 * prong top: the figures of a server, live.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_TOP_H
#define PRONG_CLI_TOP_H

#include <stdint.h>

struct top_options {
	int64_t interval_ms;
	unsigned long
	    pictures; /* 0: without end; where there is no terminal, 1 */
};

/* Runs until a key or a signal ends it. The exit status for prong. */
int top_run(const char *socket, const struct top_options *options);

#endif
