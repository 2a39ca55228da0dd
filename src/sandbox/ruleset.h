/*
 * Ruleset: permissions as rules of Landlock. Knows which paths of the system
 * every handler needs, and which come with declared needs.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_RULESET_H
#define PRONG_SANDBOX_RULESET_H

struct permissions;

/* A ruleset of that version of Landlock, which landlock_restrict takes. All may
 * write to core_folder; NULL: there is none. A path that cannot be admitted is
 * logged. The descriptor, or -1 and errno. */
int ruleset_new(int abi, const struct permissions *permissions,
    const char *core_folder);

#endif
