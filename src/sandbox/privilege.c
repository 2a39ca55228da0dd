/* SPDX-License-Identifier: ISC */
#include "sandbox/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/identity.h"
#include "base/log.h"

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
		return fail("setgroups");
	if (setresgid(identity->gid, identity->gid, identity->gid) < 0)
		return fail("setresgid");
	/* EAGAIN when the user has too many processes: never go on as root. */
	if (setresuid(identity->uid, identity->uid, identity->uid) < 0)
		return fail("setresuid");
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
