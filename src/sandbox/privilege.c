/*
 * Who the server runs as. See privilege.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

/* A failed look-up leaves why, and in *setting what to change. */
struct question {
	const char *setting;
	char *why;
	size_t why_size;
};

static int refuse(struct question *q, const char *setting, const char *format,
    ...) __attribute__((__format__(__printf__, 3, 4)));

static int
refuse(struct question *q, const char *setting, const char *format, ...)
{
	va_list ap;

	q->setting = setting;
	va_start(ap, format);
	vsnprintf(q->why, q->why_size, format, ap);
	va_end(ap);
	return -1;
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
		return refuse(q, "user",
		    "found \"%s\", which is no user "
		    "here; possible: a name in the user database",
		    user);
	if (pw->pw_uid == 0)
		return refuse(q, "user",
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
			return refuse(q, "group",
			    "found \"%s\", which is no "
			    "group here; possible: a name in the group "
			    "database",
			    group);
		identity->gid = gr->gr_gid;
	}
	if (identity->gid == 0)
		return refuse(q, group ? "group" : "user",
		    "found "
		    "the group of root; possible: any other group");
	return 0;
}

/* Whoever is in root's group by the database could still write its files. */
static int
find_groups(struct identity *identity, struct question *q)
{
	int count = PRIVILEGE_GROUPS_MAX, i;

	if (getgrouplist(identity->name, identity->gid, identity->groups,
		&count) < 0)
		return refuse(q, "user",
		    "found \"%s\", who is a member of %d "
		    "groups; possible: at most %d",
		    identity->name, count, PRIVILEGE_GROUPS_MAX);
	for (i = 0; i < count; i++)
		if (identity->groups[i] == 0)
			return refuse(q, "user",
			    "found \"%s\", who is a "
			    "member of root's group; possible: any other user",
			    identity->name);
	identity->group_count = (size_t)count;
	return 0;
}

/* Who is not root can only stay. */
static int
find_identity(const char *user, const char *group, struct identity *identity,
    struct question *q)
{
	if (geteuid() == 0)
		return find_user(user, identity, q) == 0 &&
			find_group(group, identity, q) == 0 &&
			find_groups(identity, q) == 0 ?
		    0 :
		    -1;
	if (user && find_user(user, identity, q) < 0)
		return -1;
	if (user && identity->uid != geteuid())
		return refuse(q, "user",
		    "found \"%s\", but prongd was "
		    "started by the user with id %ju; possible: to start it "
		    "as root, or no such setting",
		    user, (uintmax_t)geteuid());
	if (group && find_group(group, identity, q) < 0)
		return -1;
	if (group && identity->gid != getegid())
		return refuse(q, "group",
		    "found \"%s\", but prongd was "
		    "started with the group id %ju; possible: to start it as "
		    "root, or no such setting",
		    group, (uintmax_t)getegid());
	identity->uid = geteuid();
	identity->gid = getegid();
	return 0;
}

int
privilege_find(const char *user, const char *group, struct identity *identity,
    const char **setting, char *why, size_t why_size)
{
	struct question q = { NULL, why, why_size };
	struct identity found = { .is_known = true };

	if (find_identity(user, group, &found, &q) < 0) {
		*setting = q.setting;
		return -1;
	}
	*identity = found;
	return 0;
}

static int
fail(const char *what)
{
	log_error("%s: %s", what, strerror(errno));
	return -1;
}

/* The groups need root to be changed, so they come before the user; all three
 * ids of each are set, so that none is left to return to. */
static int
change_ids(const struct identity *identity)
{
	if (setgroups(identity->group_count, identity->groups) < 0)
		return fail("setgroups");
	if (setresgid(identity->gid, identity->gid, identity->gid) < 0)
		return fail("setresgid");
	/* EAGAIN when the user has too many processes: never go on as root. */
	if (setresuid(identity->uid, identity->uid, identity->uid) < 0)
		return fail("setresuid");
	return 0;
}

/* What systemd or another may have given besides the ids. */
static int
clear_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	memset(data, 0, sizeof(data));
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return fail("prctl(PR_CAP_AMBIENT_CLEAR_ALL)");
	if (syscall(SYS_capset, &header, data) < 0)
		return fail("capset");
	return 0;
}

static int
verify(const struct identity *identity)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (getresuid(&ruid, &euid, &suid) < 0 ||
	    getresgid(&rgid, &egid, &sgid) < 0)
		return fail("getresuid");
	if (ruid != identity->uid || euid != identity->uid ||
	    suid != identity->uid || rgid != identity->gid ||
	    egid != identity->gid || sgid != identity->gid) {
		log_error("dropping root: the ids are not what was asked for");
		return -1;
	}
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 ||
	    setegid(0) == 0) {
		log_error("dropping root: it could be had back");
		return -1;
	}
	return 0;
}

int
privilege_drop(const struct identity *identity, bool quiet)
{
	bool was_root = geteuid() == 0;

	umask(027);
	if (was_root && change_ids(identity) < 0)
		return -1;
	if (clear_capabilities() < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail("prctl(PR_SET_NO_NEW_PRIVS)");
	if (was_root && verify(identity) < 0)
		return -1;
	if (was_root && identity->by_default && !quiet)
		log_info("started as root; serving as the user \"%s\" (the "
			 "setting \"user\" names another)",
		    identity->name);
	return 0;
}
