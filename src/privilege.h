/*
 * Who the server runs as. The only file that changes ids and groups.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PRIVILEGE_H
#define PRONG_PRIVILEGE_H

#include <stdbool.h>

/*
 * Drops root for good, to user (NULL: "prong", else "nobody") and group (NULL:
 * the user's own), supplementary groups emptied, and checks that it cannot be
 * had back. Started by an ordinary user: stays that user; a user setting that
 * names another is an error. Always sets no_new_privs and the umask 027.
 * Returns 0, or -1 after logging. quiet: the default user taken is not logged.
 */
int privilege_drop(const char *user, const char *group, bool quiet);

/* Whether those names exist, and this process could drop to them; logs why not
 * and returns -1. */
int privilege_check(const char *user, const char *group);

#endif
