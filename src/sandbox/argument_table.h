/*
 * The table of the rules for arguments (argument.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_ARGUMENT_TABLE_H
#define PRONG_SANDBOX_ARGUMENT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/argument.h"

#define ARGUMENT_CHECKS 3

/* Whether the signal handler can set the result of the call (refusal.c). */
#if defined(__x86_64__) || defined(__aarch64__)
#define ARGUMENT_CAN_SIGNAL 1
#else
#define ARGUMENT_CAN_SIGNAL 0
#endif

/* (argument & mask) == value; mask 0: the end. */
struct argument_check {
	unsigned argument;
	uint32_t mask, value;
};

/* All checks must hold; without any, it holds always. */
struct argument_pattern {
	struct argument_check checks[ARGUMENT_CHECKS];
};

struct argument_rule {
	int number;
	const char *name;
	const char *what;   /* is wrong, a clause for the log */
	const char *permit; /* the declaration that lifts the rule; or NULL */
	enum argument_memory memory; /* The rule holds from this one on. */
	int error;
	bool permits;  /* the patterns; otherwise it refuses them, and
			 * the next rule for the call holds, too */
	bool is_quiet; /* Libraries expect the error: it is not logged. */
	const struct argument_pattern *patterns;
	size_t count;
};

extern const struct argument_rule argument_rules[];
extern const size_t argument_rule_count;

#endif
