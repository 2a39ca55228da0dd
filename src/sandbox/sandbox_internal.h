/*
 * Shared by the parts of the sandbox only: sandbox.c makes the rules and enters
 * the first stage, sandbox_enter.c the second one; sandbox_anchors.c is for rules
 * that a connection makes; sandbox_resume.c goes on in a process that was executed
 * afresh.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_SANDBOX_INTERNAL_H
#define PRONG_SANDBOX_SANDBOX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/bounds.h"
#include "sandbox/permission.h"
#include "sandbox/sandbox.h"

/* With more rules than that a connection makes its ruleset itself. Below some 300
 * the descriptors cost less than that. */
#define SANDBOX_MAX_RULESETS 128

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
	bool fails_in_filter;	 /* what could not be made */
	const char *core_folder; /* all may write there; NULL: none */
	int bare;		 /* a ruleset that permits nothing; -1: none */
	uint64_t needs;		 /* of all routes */
	struct rules *rules;	 /* route->rules is the index */
	size_t count;
	/* The index of the rules of workers that serve a place, if there are
	 * any. */
	size_t workers[ROUTE_PLACES];
	size_t *sorted; /* their indices, in the order of the permissions */
	bool makes_rulesets; /* connections do; those of rules are none */
	int scope;	     /* Landlock's: keeps signals in; -1: none */
	bool is_scoped;	     /* the first stage keeps signals in; proven */
	bool renews;	     /* connections may execute themselves afresh */
	bool is_resumed;
	struct bounds_server server; /* of a resumed one */
};

/* Whether handlers with these needs can start processes. */
bool sandbox_needs_let_fork(const struct sandbox *sandbox, uint64_t needs);

/* Opens what connections need to make rulesets, with at most these needs. False
 * and errno. */
bool sandbox_make_anchors(struct sandbox *sandbox,
    struct configuration *configuration, uint64_t needs);

/* Called where this process enters no further rules. */
void sandbox_close_rulesets(const struct sandbox *sandbox);

#endif
