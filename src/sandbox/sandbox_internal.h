/*
 * Shared by the parts of the sandbox only: sandbox.c makes the rules and enters
 * the first stage, sandbox_enter.c the second one.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_SANDBOX_INTERNAL_H
#define PRONG_SANDBOX_SANDBOX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/permission.h"
#include "sandbox/sandbox.h"

/* The permissions of the routes that share them. */
struct rules {
	struct permissions permissions;
	int ruleset; /* of Landlock; -1: none */
};

struct sandbox {
	bool off;
	bool is_logged;		 /* off, and what would be refused is logged */
	bool has_filter;	 /* seccomp */
	int abi;		 /* Landlock's; 0: none */
	const char *core_folder; /* all may write there; NULL: none */
	int bare;		 /* a ruleset that permits nothing; -1: none */
	uint64_t needs;		 /* of all routes */
	struct rules *rules;	 /* route->rules is the index */
	size_t count;
	int scope;	/* Landlock's: keeps signals in; -1: none */
	bool is_scoped; /* the first stage keeps signals in; proven */
};

/* Whether handlers with these needs can start processes. */
bool sandbox_needs_let_fork(const struct sandbox *sandbox, uint64_t needs);

/* Called where this process enters no further rules. */
void sandbox_close_rulesets(const struct sandbox *sandbox);

#endif
