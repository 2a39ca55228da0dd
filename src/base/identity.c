/*
 * The user and the groups to serve as. See identity.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/identity.h"

#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* A failed look-up stores its reason and the wrong setting here. */
struct question {
	const char *setting;
	char *why;
	size_t why_size;
};

static int fail(struct question *q, const char *setting, const char *format,
    ...) __attribute__((__format__(__printf__, 3, 4)));

static int
fail(struct question *q, const char *setting, const char *format, ...)
{
	va_list ap;

	q->setting = setting;
	va_start(ap, format);
	vsnprintf(q->why, q->why_size, format, ap);
	va_end(ap);
	return -1;
}

/* Whether the user namespace has this user alone, who is not root outside. */
static bool
is_alone(void)
{
	unsigned long inside, outside, count, more;
	FILE *map = fopen("/proc/self/uid_map", "re");
	bool alone = false;

	if (map)
		alone = fscanf(map, "%lu %lu %lu", &inside, &outside, &count) ==
			3 &&
		    count == 1 && outside != 0 &&
		    fscanf(map, "%lu", &more) == EOF;
	if (map)
		fclose(map);
	return alone;
}

void
identity_use_files(void)
{
	__nss_configure_lookup("passwd", "files");
	__nss_configure_lookup("group", "files");
	__nss_configure_lookup("initgroups", "files");
}

bool
identity_is_root(void)
{
	return geteuid() == 0 && !is_alone();
}

static int
find_user(const char *user, struct identity *identity, struct question *q)
{
	const struct passwd *pw;

	identity->by_default = !user;
	if (!user && getpwnam("prong"))
		user = "prong";
	if (!user)
		user = "nobody";
	pw = getpwnam(user);
	if (!pw)
		return fail(q, "user",
		    "found \"%s\", which is no user "
		    "here; possible: a name in the user database",
		    user);
	if (pw->pw_uid == 0)
		return fail(q, "user",
		    "found \"%s\", who is root; "
		    "possible: any other user",
		    user);
	snprintf(identity->name, sizeof(identity->name), "%s", user);
	identity->uid = pw->pw_uid;
	identity->gid = pw->pw_gid;
	return 0;
}

static int
find_group(const char *group, struct identity *identity, struct question *q)
{
	const struct group *gr;

	if (group) {
		gr = getgrnam(group);
		if (!gr)
			return fail(q, "group",
			    "found \"%s\", which is no "
			    "group here; possible: a name in the group "
			    "database",
			    group);
		identity->gid = gr->gr_gid;
	}
	if (identity->gid == 0)
		return fail(q, group ? "group" : "user",
		    "found "
		    "the group of root; possible: any other group");
	return 0;
}

/* The user must not be a member of root's group, as that group can write files
 * of root. */
static int
find_groups(struct identity *identity, struct question *q)
{
	int count = IDENTITY_GROUPS_MAX, i;

	if (getgrouplist(identity->name, identity->gid, identity->groups,
		&count) < 0)
		return fail(q, "user",
		    "found \"%s\", who is a member of %d "
		    "groups; possible: at most %d",
		    identity->name, count, IDENTITY_GROUPS_MAX);
	for (i = 0; i < count; i++)
		if (identity->groups[i] == 0)
			return fail(q, "user",
			    "found \"%s\", who is a "
			    "member of root's group; possible: any other user",
			    identity->name);
	identity->group_count = (size_t)count;
	return 0;
}

/* A process that is not root cannot change its user. */
static int
find(const char *user, const char *group, struct identity *identity,
    struct question *q)
{
	if (identity_is_root())
		return find_user(user, identity, q) == 0 &&
			find_group(group, identity, q) == 0 &&
			find_groups(identity, q) == 0 ?
		    0 :
		    -1;
	if (user && find_user(user, identity, q) < 0)
		return -1;
	if (user && identity->uid != geteuid())
		return fail(q, "user",
		    "found \"%s\", but prongd was "
		    "started by the user with id %ju%s; possible: to start it "
		    "as root, or no such setting",
		    user, (uintmax_t)geteuid(),
		    geteuid() == 0 ? ", the only one of a user namespace" : "");
	if (group && find_group(group, identity, q) < 0)
		return -1;
	if (group && identity->gid != getegid())
		return fail(q, "group",
		    "found \"%s\", but prongd was "
		    "started with the group id %ju; possible: to start it as "
		    "root, or no such setting",
		    group, (uintmax_t)getegid());
	identity->uid = geteuid();
	identity->gid = getegid();
	return 0;
}

int
identity_find(const char *user, const char *group, struct identity *identity,
    const char **setting, char *why, size_t why_size)
{
	struct question q = { NULL, why, why_size };
	struct identity found = { .is_known = true };

	if (find(user, group, &found, &q) < 0) {
		*setting = q.setting;
		return -1;
	}
	*identity = found;
	return 0;
}
