/*
 * Ruleset: permissions as rules of Landlock. This module has the paths of the
 * system that every handler needs, and those that belong to declared needs.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_RULESET_H
#define PRONG_SANDBOX_RULESET_H

#include <stdbool.h>
#include <stdint.h>

struct permissions;
struct permitted_path;

/* Makes a ruleset for landlock_restrict, for that version of Landlock. Every
 * process may write to core_folder; NULL: none. A path that cannot be admitted
 * is logged. Returns the descriptor, or -1 and errno. */
int ruleset_new(int abi, const struct permissions *permissions,
    const char *core_folder);

/* Called in the generation: opens anchors for the paths that are not those of
 * permissions, for ruleset_make with at most these needs. 0, or -1 and errno. */
int ruleset_anchor(uint64_t needs, const char *core_folder);

/* Makes the same ruleset in a connection, of anchors and of paths without links
 * (permission.h). Nothing is logged. */
int ruleset_make(int abi, const struct permissions *permissions);

/* Logs, by errno, that the path was not opened and has no rule. False: the cause
 * is a failure of another kind. */
bool ruleset_tell_missing(const struct permitted_path *path);

/* Whether such a ruleset lets path be opened, as far as its name tells: no links
 * are followed. access: LANDLOCK_MAY_... */
bool ruleset_permits(const struct permissions *permissions, const char *path,
    unsigned access);

#endif
