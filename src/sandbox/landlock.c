/*
 * Landlock. The numbers are the kernel's ABI (landlock(7)). They are defined
 * here, because the headers of a build system may be older than the kernel.
 *
 * SPDX-License-Identifier: ISC
 */
#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/hot.h"

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT	       2

#define FS_EXECUTE	       (UINT64_C(1) << 0)
#define FS_WRITE_FILE	       (UINT64_C(1) << 1)
#define FS_READ_FILE	       (UINT64_C(1) << 2)
#define FS_READ_DIR	       (UINT64_C(1) << 3)
#define FS_REMOVE_DIR	       (UINT64_C(1) << 4)
#define FS_REMOVE_FILE	       (UINT64_C(1) << 5)
#define FS_MAKE_DIR	       (UINT64_C(1) << 7)
#define FS_MAKE_REG	       (UINT64_C(1) << 8)
#define FS_MAKE_SYM	       (UINT64_C(1) << 12)
#define FS_ALL_1	       ((UINT64_C(1) << 13) - 1)
#define FS_REFER	       (UINT64_C(1) << 13)
#define FS_TRUNCATE	       (UINT64_C(1) << 14)
#define FS_IOCTL_DEV	       (UINT64_C(1) << 15)

#define NET_BIND_TCP	       (UINT64_C(1) << 0)
#define NET_CONNECT_TCP	       (UINT64_C(1) << 1)

#define SCOPE_ABSTRACT_UNIX    (UINT64_C(1) << 0)
#define SCOPE_SIGNAL	       (UINT64_C(1) << 1)

/* The rights that apply to a file; the kernel refuses others for files. */
#define FS_OF_FILES \
	(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset_attr {
	uint64_t handled_fs;
	uint64_t handled_net; /* since ABI 4 */
	uint64_t scoped;      /* since ABI 6 */
};

struct path_beneath_attr {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((__packed__));

struct net_port_attr {
	uint64_t allowed;
	uint64_t port;
};

static HOT const char *last_call;

const char *
landlock_last_call(void)
{
	return last_call;
}

static int
create_ruleset(const struct ruleset_attr *attr, size_t size, unsigned flags)
{
	last_call = "landlock_create_ruleset";
	return (int)syscall(SYS_landlock_create_ruleset, attr, size, flags);
}

static int
add_rule(int ruleset, int type, const void *attr)
{
	last_call = "landlock_add_rule";
	return (int)syscall(SYS_landlock_add_rule, ruleset, type, attr, 0);
}

int
landlock_abi(void)
{
	int abi = create_ruleset(NULL, 0, CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : abi;
}

static uint64_t
handled_fs(int abi)
{
	uint64_t fs = FS_ALL_1;

	if (abi >= 2)
		fs |= FS_REFER;
	if (abi >= LANDLOCK_ABI_TRUNCATE)
		fs |= FS_TRUNCATE;
	if (abi >= 5)
		fs |= FS_IOCTL_DEV;
	return fs;
}

int
landlock_ruleset_new(int abi)
{
	struct ruleset_attr attr = { .handled_fs = handled_fs(abi) };
	size_t size = sizeof(attr.handled_fs);

	if (abi >= LANDLOCK_ABI_TCP) {
		attr.handled_net = NET_BIND_TCP | NET_CONNECT_TCP;
		size += sizeof(attr.handled_net);
	}
	if (abi >= LANDLOCK_ABI_SCOPE) {
		attr.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
		size += sizeof(attr.scoped);
	}
	return create_ruleset(&attr, size, 0);
}

int
landlock_scope_new(void)
{
	struct ruleset_attr attr = {
		.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL,
	};

	return create_ruleset(&attr, sizeof(attr), 0);
}

static uint64_t
fs_access(unsigned access)
{
	uint64_t fs = 0;

	if (access & LANDLOCK_MAY_READ)
		fs |= FS_READ_FILE;
	if (access & LANDLOCK_MAY_LIST)
		fs |= FS_READ_DIR;
	if (access & LANDLOCK_MAY_EXECUTE)
		fs |= FS_EXECUTE | FS_READ_FILE;
	if (access & LANDLOCK_MAY_DUMP)
		fs |= FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_FILE |
		    FS_MAKE_REG;
	if (access & LANDLOCK_MAY_WRITE)
		fs |= FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_FILE |
		    FS_REMOVE_DIR | FS_MAKE_REG | FS_MAKE_DIR | FS_MAKE_SYM |
		    FS_REFER;
	return fs;
}

int
landlock_allow_file(int ruleset, int abi, int fd, unsigned access)
{
	struct path_beneath_attr attr = {
		.allowed = fs_access(access) & handled_fs(abi),
		.parent_fd = fd,
	};
	struct stat st;

	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		attr.allowed &= FS_OF_FILES;
	return add_rule(ruleset, RULE_PATH_BENEATH, &attr);
}

int
landlock_allow_path(int ruleset, int abi, const char *path, unsigned access)
{
	int fd = open(path, O_PATH | O_CLOEXEC), result;

	if (fd < 0)
		return -1;
	result = landlock_allow_file(ruleset, abi, fd, access);
	descriptor_close(fd);
	return result;
}

bool
landlock_is_missing(int error)
{
	return error == ENOENT || error == EACCES;
}

int
landlock_allow_connect(int ruleset, int abi, uint16_t port)
{
	struct net_port_attr attr = {
		.allowed = NET_CONNECT_TCP,
		.port = port,
	};

	if (abi < LANDLOCK_ABI_TCP)
		return 0;
	return add_rule(ruleset, RULE_NET_PORT, &attr);
}

int
landlock_restrict(int ruleset)
{
	last_call = "landlock_restrict_self";
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}
