/*
 * Dropping privileges: the only file that changes ids and groups. The identity
 * to change to comes from base/identity.h.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_PRIVILEGE_H
#define PRONG_SANDBOX_PRIVILEGE_H

#include <stdbool.h>

struct identity;

/*
 * Drops root for good and checks that the process cannot regain it. Always
 * clears capabilities and sets no_new_privs and the umask 027. 0, or -1 after
 * logging. quiet: does not log that the default user is taken.
 */
int privilege_drop(const struct identity *identity, bool quiet);

#endif
