/*
 * The user and the groups to serve as. They are looked up here;
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
 * The result of a look-up. The config loader does it for all generations: the
 * user database loads libraries, and these make each fork slower.
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

/* In a static prongd: users and groups are those of /etc/passwd and /etc/group. Other
 * databases are in libraries, which must suit the C library in the program. */
void identity_use_files(void);

/* Whether this process is root and may become another user. The only user of a
 * user namespace (unshare -r), who is an ordinary one outside, may not. */
bool identity_is_root(void);

/*
 * Looks up user (NULL: "prong", else "nobody"), group (NULL: the user's primary
 * group) and the user's supplementary groups. A process of an ordinary user
 * cannot serve as another one, and no server serves as root: such settings are
 * errors. 0, or -1: *setting is then the wrong setting, "user" or "group", and
 * why is "found ...; possible: ...".
 */
int identity_find(const char *user, const char *group,
    struct identity *identity, const char **setting, char *why,
    size_t why_size);

#endif
