/*
 * The user and the groups that the server serves as. They are looked up here;
 * sandbox/privilege.h changes to them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_IDENTITY_H
#define PRONG_BASE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define IDENTITY_GROUPS_MAX 64

/*
 * Looked up once, by the master: asking the user database loads libraries, and
 * every fork of a generation would pay for these.
 */
struct identity {
	bool is_known;
	bool by_default; /* no setting named the user */
	char name[64];
	uid_t uid;
	gid_t gid;
	gid_t groups[IDENTITY_GROUPS_MAX]; /* supplementary */
	size_t group_count;
};

/*
 * Looks up user (NULL: "prong", else "nobody") and group (NULL: the user's own)
 * with the supplementary groups that the user is a member of. A process of an
 * ordinary user stays that user: a setting that names another user is an error,
 * and so is root. 0, or -1: *setting is then the setting to blame, "user" or
 * "group", and why says "found ...; possible: ...".
 */
int identity_find(const char *user, const char *group,
    struct identity *identity, const char **setting, char *why,
    size_t why_size);

#endif
