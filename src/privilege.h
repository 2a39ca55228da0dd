/*
 * Who the server runs as. The only file that changes ids and groups.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_PRIVILEGE_H
#define PRONG_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Drops root for good, to user (NULL: "prong", else "nobody") and group (NULL:
 * the user's own), with the supplementary groups that the user is a member of,
 * and checks that it cannot be had back. Started by an ordinary user: stays
 * that user; a setting that names another is an error. Always clears
 * capabilities and sets no_new_privs and the umask 027. Returns 0, or -1 after
 * logging. quiet: the default user taken is not logged.
 */
int privilege_drop(const char *user, const char *group, bool quiet);

/* Whether those names exist, and this process could drop to them; logs why not
 * and returns -1. */
int privilege_check(const char *user, const char *group);

/* The same without logging: why not, as "found ...; possible: ...", and which
 * setting is to blame: "user", or "group". */
int privilege_explain(const char *user, const char *group,
    const char **setting, char *why, size_t why_size);

#endif
