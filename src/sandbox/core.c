/* SPDX-License-Identifier: ISC */
#include "sandbox/core.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

void
core_permit(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	/* Without privileges the soft limit can be raised to the hard one. */
	if (setrlimit(RLIMIT_CORE, &limit) < 0 &&
	    getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_CORE, &limit);
	}
}

int
core_enter(const char *folder)
{
	/* The kernel writes a core file to the working folder (core(5)), but
	 * for a process that has changed its ids only when that is set. */
	if (chdir(folder) < 0 || access(folder, W_OK) < 0) {
		log_error("core_dir: cannot write to %s: %s", folder,
		    strerror(errno));
		return -1;
	}
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

void
core_forbid(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}
