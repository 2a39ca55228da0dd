/*
 * Dropping privileges: the only file that changes ids and groups. The identity
 * to change to comes from base/identity.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_PRIVILEGE_H
#define PRONG_SANDBOX_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/identity.h"

/* What a process of root's was before privilege_lower. */
struct privilege_kept {
	gid_t gid, groups[IDENTITY_GROUPS_MAX];
	int group_count;
	int is_dumpable;
};

/*
 * Drops root for good and checks that the process cannot regain it. Always
 * clears capabilities and sets no_new_privs and the umask 027. 0, or -1 after
 * logging. quiet: does not log that the default user is taken.
 */
int privilege_drop(const struct identity *identity, bool quiet);

/*
 * Gives a process of root's the rights of that user over files, until
 * privilege_raise: the effective ids and the groups change, and no capability is
 * in effect. The real and the saved id stay root's, so that the user's processes
 * can neither signal nor trace this one. 0, or -1 after logging, and nothing has
 * changed.
 */
int privilege_lower(const struct identity *identity,
    struct privilege_kept *kept);
int privilege_raise(const struct privilege_kept *kept);

#endif
