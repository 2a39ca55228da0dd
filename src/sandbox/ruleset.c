/* SPDX-License-Identifier: ISC */
#include "sandbox/ruleset.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <prong/handler.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "config/handler.h"
#include "sandbox/landlock.h"
#include "sandbox/permission.h"

/* Paths that all handlers may read without naming them. */
static const char *const all_read[] = {
	"/dev/null",
	"/dev/zero",
	"/dev/urandom",
	"/dev/random",
	"/etc/localtime",
	"/usr/share/zoneinfo",
};

/* Paths that libc reads to look up a name or to execute a program. */
static const char *const network_reads[] = {
	"/etc/gai.conf",
	"/etc/host.conf",
	"/etc/hosts",
	"/etc/nsswitch.conf",
	"/etc/resolv.conf",
	"/etc/services",
	"/etc/ssl/certs",
	"/run/systemd/resolve",
};
static const char *const libraries[] = {
	"/etc/ld.so.cache",
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/usr/local/lib",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Paths of the system that do not exist need no rule. */
static bool
allow_system(int ruleset, int abi, const char *const *paths, size_t count,
    unsigned access)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (landlock_allow_path(ruleset, abi, paths[i], access) < 0 &&
		    errno != ENOENT && errno != EACCES)
			return false;
	return true;
}

static bool
allow_needs(int ruleset, int abi, uint64_t needs)
{
	const unsigned look = LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST;

	if (!allow_system(ruleset, abi, all_read, COUNT(all_read), look))
		return false;
	if (landlock_allow_path(ruleset, abi, "/dev/null",
		LANDLOCK_MAY_READ | LANDLOCK_MAY_WRITE) < 0 &&
	    errno != ENOENT)
		return false;
	if ((needs & PRONG_NEEDS_NETWORK) &&
	    !allow_system(ruleset, abi, network_reads, COUNT(network_reads),
		look))
		return false;
	if (!(needs & (PRONG_NEEDS_NETWORK | PRONG_NEEDS_PROCESSES)))
		return true;
	return allow_system(ruleset, abi, libraries, COUNT(libraries),
	    look | LANDLOCK_MAY_EXECUTE);
}

/* The kernel takes no rule for a path that does not exist yet. The handler
 * cannot reach the path before the next reload, and a warning is logged. */
static bool
allow_permissions(int ruleset, int abi, const struct permissions *p)
{
	size_t i;

	for (i = 0; i < p->path_count; i++) {
		const struct permitted_path *path = &p->paths[i];

		if (landlock_allow_path(ruleset, abi, path->path,
			path->access) == 0)
			continue;
		if (errno != ENOENT && errno != EACCES)
			return false;
		log_warning("%s: the sandbox cannot admit %s, which %s names: "
			    "%s",
		    path->handler->name, path->path, path->option,
		    strerror(errno));
	}
	for (i = 0; i < p->port_count; i++)
		if (landlock_allow_connect(ruleset, abi, p->ports[i]) < 0)
			return false;
	return allow_needs(ruleset, abi, p->needs);
}

/* Until 2023 kernels opened a core file for reading, too. Landlock's ABI 4 came
 * later; with a lower ABI connections can read the core files of others. */
static int
allow_cores(int ruleset, int abi, const char *folder)
{
	return landlock_allow_path(ruleset, abi, folder,
	    LANDLOCK_MAY_WRITE |
		(abi < LANDLOCK_ABI_TCP ? LANDLOCK_MAY_READ : 0));
}

int
ruleset_new(int abi, const struct permissions *p, const char *core_folder)
{
	int ruleset = landlock_ruleset_new(abi);

	if (ruleset < 0)
		return -1;
	if (allow_permissions(ruleset, abi, p) &&
	    (!core_folder || allow_cores(ruleset, abi, core_folder) == 0))
		return ruleset;
	descriptor_close(ruleset);
	return -1;
}

static bool
is_among(const char *path, const char *const *paths, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (permission_is_below(path, paths[i]))
			return true;
	return false;
}

bool
ruleset_permits(const struct permissions *p, const char *path, unsigned access)
{
	const bool connects = p->needs & PRONG_NEEDS_NETWORK;

	if (permissions_permit(p, path, access) ||
	    strcmp(path, "/dev/null") == 0)
		return true;
	if (access & LANDLOCK_MAY_WRITE)
		return false;
	return is_among(path, all_read, COUNT(all_read)) ||
	    (connects && is_among(path, network_reads, COUNT(network_reads))) ||
	    ((connects || (p->needs & PRONG_NEEDS_PROCESSES)) &&
		is_among(path, libraries, COUNT(libraries)));
}
