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
#include "sandbox/anchor.h"
#include "sandbox/landlock.h"
#include "sandbox/permission.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define TOLD_MAX 16

/* A path of the system. */
struct place {
	const char *path;
	int anchor; /* 0: none */
};

/* What all handlers may read without naming it. */
static struct place all_read[] = {
	{ "/dev/null", 0 },
	{ "/dev/zero", 0 },
	{ "/dev/urandom", 0 },
	{ "/dev/random", 0 },
	{ "/etc/localtime", 0 },
	{ "/usr/share/zoneinfo", 0 },
};
static struct place *const null = &all_read[0];

/* What libc reads to look up a name or to execute a program. */
static struct place network_reads[] = {
	{ "/etc/gai.conf", 0 },
	{ "/etc/host.conf", 0 },
	{ "/etc/hosts", 0 },
	{ "/etc/nsswitch.conf", 0 },
	{ "/etc/resolv.conf", 0 },
	{ "/etc/services", 0 },
	{ "/etc/ssl/certs", 0 },
	{ "/run/systemd/resolve", 0 },
};
static struct place libraries[] = {
	{ "/etc/ld.so.cache", 0 },
	{ "/lib", 0 },
	{ "/lib64", 0 },
	{ "/usr/lib", 0 },
	{ "/usr/lib64", 0 },
	{ "/usr/local/lib", 0 },
};

static struct place cores; /* in which all may write */

/* A ruleset that is being made. */
struct maker {
	int ruleset, abi;
	bool is_late; /* in a connection, by anchors */
};

static int
allow(const struct maker *m, const char *path, int anchor, unsigned access)
{
	return anchor > 0 ?
	    landlock_allow_file(m->ruleset, m->abi, anchor, access) :
	    landlock_allow_path(m->ruleset, m->abi, path, access);
}

/* Paths of the system that do not exist need no rule, and have no anchor. */
static bool
allow_places(const struct maker *m, const struct place *places, size_t count,
    unsigned access)
{
	size_t i;

	for (i = 0; i < count; i++)
		if ((!m->is_late || places[i].anchor > 0) &&
		    allow(m, places[i].path, places[i].anchor, access) < 0 &&
		    !landlock_is_missing(errno))
			return false;
	return true;
}

static bool
needs_libraries(uint64_t needs)
{
	return needs & (PRONG_NEEDS_NETWORK | PRONG_NEEDS_PROCESSES);
}

static bool
allow_needs(const struct maker *m, uint64_t needs)
{
	const unsigned look = LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST;

	if (!allow_places(m, all_read, COUNT(all_read), look) ||
	    !allow_places(m, null, 1, LANDLOCK_MAY_READ | LANDLOCK_MAY_WRITE))
		return false;
	if ((needs & PRONG_NEEDS_NETWORK) &&
	    !allow_places(m, network_reads, COUNT(network_reads), look))
		return false;
	return !needs_libraries(needs) ||
	    allow_places(m, libraries, COUNT(libraries),
		look | LANDLOCK_MAY_EXECUTE);
}

static int
anchor_places(struct place *places, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		places[i].anchor = anchor_open(places[i].path);
		if (places[i].anchor < 0)
			return -1;
	}
	return 0;
}

int
ruleset_anchor(uint64_t needs, const char *core_folder)
{
	cores.path = core_folder;
	if ((core_folder && anchor_places(&cores, 1) < 0) ||
	    anchor_places(all_read, COUNT(all_read)) < 0 ||
	    ((needs & PRONG_NEEDS_NETWORK) &&
		anchor_places(network_reads, COUNT(network_reads)) < 0))
		return -1;
	return needs_libraries(needs) ?
	    anchor_places(libraries, COUNT(libraries)) :
	    0;
}

/* The first stage and the rules of the route name the same path. Beyond so many a
 * path is told twice. */
static bool
is_first_time(const struct permitted_path *path)
{
	static struct {
		const struct handler *handler;
		char *path;
	} told[TOLD_MAX];
	static size_t count;
	size_t i;

	for (i = 0; i < count; i++)
		if (told[i].handler == path->handler &&
		    strcmp(told[i].path, path->path) == 0)
			return false;
	if (count == TOLD_MAX || !(told[count].path = strdup(path->path)))
		return true;
	told[count++].handler = path->handler;
	return true;
}

/* The kernel takes no rule for a path that does not exist yet. The handler
 * cannot reach the path before the next generation, which begins when it is there
 * (generation/folders.h). */
bool
ruleset_tell_missing(const struct permitted_path *path)
{
	int error = errno;

	if (!landlock_is_missing(error))
		return false;
	/* Which was said when it was not opened. */
	if ((path->handler->missing && error == ENOENT) || !is_first_time(path))
		return true;
	log_warning("%s: its option %s needs %s, which cannot be opened: %s",
	    path->handler->name, path->option, path->path, strerror(error));
	return true;
}

/* In a connection a path that is missing was logged before: at the start, or by
 * the helper that looks at folders. */
static bool
allow_permissions(const struct maker *m, const struct permissions *p)
{
	size_t i;

	for (i = 0; i < p->path_count; i++) {
		const struct permitted_path *path = &p->paths[i];

		if (allow(m, path->real ? path->real : path->path, path->anchor,
			path->access) == 0)
			continue;
		if (m->is_late ?
			!landlock_is_missing(errno) && errno != ENOTDIR :
			!ruleset_tell_missing(path))
			return false;
	}
	for (i = 0; i < p->port_count; i++)
		if (landlock_allow_connect(m->ruleset, m->abi, p->ports[i]) < 0)
			return false;
	return allow_needs(m, p->needs);
}

/* The kernel makes a core file with the rights of the process, and removes an
 * earlier one of that name, so that the process can do both, too. Until 2023
 * kernels opened a core file for reading, too. Landlock's ABI 4 came later; with a
 * lower ABI connections can read the core files of others. */
static bool
allow_cores(const struct maker *m)
{
	return !cores.path ||
	    allow(m, cores.path, cores.anchor,
		LANDLOCK_MAY_DUMP |
		    (m->abi < LANDLOCK_ABI_TCP ? LANDLOCK_MAY_READ : 0)) == 0;
}

static int
make(int abi, const struct permissions *p, bool is_late)
{
	const struct maker m = { landlock_ruleset_new(abi), abi, is_late };

	if (m.ruleset < 0)
		return -1;
	if (allow_permissions(&m, p) && allow_cores(&m))
		return m.ruleset;
	descriptor_close(m.ruleset);
	return -1;
}

int
ruleset_new(int abi, const struct permissions *p, const char *core_folder)
{
	cores.path = core_folder;
	return make(abi, p, false);
}

int
ruleset_make(int abi, const struct permissions *p)
{
	return make(abi, p, true);
}

static bool
is_among(const char *path, const struct place *places, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (permission_is_below(path, places[i].path))
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
	    (needs_libraries(p->needs) &&
		is_among(path, libraries, COUNT(libraries)));
}
