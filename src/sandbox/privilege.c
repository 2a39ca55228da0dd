/* SPDX-License-Identifier: ISC */
#include "sandbox/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/identity.h"
#include "base/log.h"

/* Where root is that of a user namespace, which maps few ids. */
static int
fail_to_change(const char *what)
{
	log_error("%s: %s%s", what, strerror(errno),
	    errno == EPERM || errno == EINVAL ?
		"; in a user namespace prongd can only become a user that the "
		"namespace maps, and needs setgroups (unshare --map-auto); "
		"possible: to start it there as an ordinary user" :
		"");
	return -1;
}

static int
fail(const char *what)
{
	log_error("%s: %s", what, strerror(errno));
	return -1;
}

/* The groups come before the user, because only root can change them. All three
 * ids of user and group are set, so that no id is left to return to. */
static int
change_ids(const struct identity *identity)
{
	if (setgroups(identity->group_count, identity->groups) < 0)
		return fail_to_change("setgroups");
	if (setresgid(identity->gid, identity->gid, identity->gid) < 0)
		return fail_to_change("setresgid");
	/* EAGAIN when the user has too many processes: never go on as root. */
	if (setresuid(identity->uid, identity->uid, identity->uid) < 0)
		return fail_to_change("setresuid");
	return 0;
}

/* Drops capabilities that systemd, say, may have granted besides the ids. */
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

/* The only user of a user namespace keeps the id 0, which does not give back
 * capabilities when a program is executed. */
static int
forbid_root(void)
{
	return prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0,
		   0, 0) < 0 ?
	    fail("prctl(PR_SET_SECUREBITS)") :
	    0;
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
		log_error("dropping root: the process could regain it");
		return -1;
	}
	return 0;
}

int
privilege_drop(const struct identity *identity, bool quiet)
{
	const bool was_root = identity_is_root();
	const bool is_alone = geteuid() == 0 && !was_root;

	umask(027);
	if (was_root && change_ids(identity) < 0)
		return -1;
	if (is_alone && forbid_root() < 0)
		return -1;
	if (clear_capabilities() < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail("prctl(PR_SET_NO_NEW_PRIVS)");
	if (was_root && verify(identity) < 0)
		return -1;
	if (is_alone && !quiet)
		log_info("started as the only user of a user namespace: "
			 "serving as this user, without capabilities");
	if (was_root && identity->by_default && !quiet)
		log_info("started as root; serving as the user \"%s\" (the "
			 "setting \"user\" names another)",
		    identity->name);
	return 0;
}

int
privilege_raise(const struct privilege_kept *kept)
{
	/* The user comes first: its change gives back the capabilities that the
	 * others need. */
	if (seteuid(0) < 0)
		return fail("seteuid");
	if (setegid(kept->gid) < 0)
		return fail("setegid");
	if (setgroups((size_t)kept->group_count, kept->groups) < 0)
		return fail("setgroups");
	/* The kernel takes it away at each change of ids. */
	if (kept->is_dumpable >= 0 &&
	    prctl(PR_SET_DUMPABLE, kept->is_dumpable, 0, 0, 0) < 0)
		return fail("prctl(PR_SET_DUMPABLE)");
	return 0;
}

static int
take_back(const struct privilege_kept *kept, const char *what)
{
	fail(what);
	privilege_raise(kept);
	return -1;
}

int
privilege_lower(const struct identity *identity, struct privilege_kept *kept)
{
	kept->gid = getegid();
	kept->is_dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	kept->group_count = getgroups(IDENTITY_GROUPS_MAX, kept->groups);
	if (kept->group_count < 0)
		return fail("getgroups");
	if (setgroups(identity->group_count, identity->groups) < 0)
		return fail("setgroups");
	if (setegid(identity->gid) < 0)
		return take_back(kept, "setegid");
	if (seteuid(identity->uid) < 0)
		return take_back(kept, "seteuid");
	return 0;
}
