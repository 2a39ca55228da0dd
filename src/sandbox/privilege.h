/*
 * Who the server runs as. The only file that changes ids and groups.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_PRIVILEGE_H
#define PRONG_SANDBOX_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PRIVILEGE_GROUPS_MAX 64

/*
 * Whom to become. Looked up once, by the master: asking the user database loads
 * libraries, which every fork of a generation would pay for.
 */
struct identity {
	bool is_known;
	bool by_default; /* no setting named the user */
	char name[64];
	uid_t uid;
	gid_t gid;
	gid_t groups[PRIVILEGE_GROUPS_MAX]; /* supplementary */
	size_t group_count;
};

/*
 * Looks up user (NULL: "prong", else "nobody") and group (NULL: the user's own)
 * with the supplementary groups that the user is a member of. Started by an
 * ordinary user one stays that user; a setting that names another is an error,
 * and so is root. 0, or -1: *setting is then the one to blame, "user" or
 * "group", and why says "found ...; possible: ...".
 */
int privilege_find(const char *user, const char *group,
    struct identity *identity, const char **setting, char *why,
    size_t why_size);

/*
 * Drops root for good and checks that it cannot be had back. Always clears
 * capabilities and sets no_new_privs and the umask 027. 0, or -1 after logging.
 * quiet: the default user taken is not logged.
 */
int privilege_drop(const struct identity *identity, bool quiet);

#endif
