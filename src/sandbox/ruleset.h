/*
 * Ruleset: permissions as rules of Landlock. This module has the paths of the
 * system that every handler needs, and those that belong to declared needs.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_RULESET_H
#define PRONG_SANDBOX_RULESET_H

#include <stdbool.h>

struct permissions;

/* Makes a ruleset for landlock_restrict, for that version of Landlock. Every
 * process may write to core_folder; NULL: none. A path that cannot be admitted
 * is logged. Returns the descriptor, or -1 and errno. */
int ruleset_new(int abi, const struct permissions *permissions,
    const char *core_folder);

/* Whether such a ruleset lets path be opened, as far as its name tells: no links
 * are followed. access: LANDLOCK_MAY_... */
bool ruleset_permits(const struct permissions *permissions, const char *path,
    unsigned access);

#endif
