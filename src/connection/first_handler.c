/* SPDX-License-Identifier: ISC */
#include "connection/first_handler.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/hot.h"

#define ABOVE RLIMIT_RSS
#define BELOW RLIMIT_LOCKS

/* What the limits are if they are not lower. */
#define USUAL_MIDDLE ((rlim_t)1 << 40)

static rlim_t middle; /* 0: unknown */
static HOT bool is_told;

int
first_handler_open(uint64_t handlers)
{
	struct rlimit above, below;

	middle = 0;
	if (getrlimit(ABOVE, &above) < 0 || getrlimit(BELOW, &below) < 0)
		return -1;
	errno = ERANGE;
	if (above.rlim_max <= handlers || below.rlim_max <= handlers)
		return -1;
	middle = above.rlim_max - handlers;
	if (middle > below.rlim_max)
		middle = below.rlim_max;
	if (middle > USUAL_MIDDLE)
		middle = USUAL_MIDDLE;
	if (middle <= handlers)
		middle = 0;
	return middle == 0 ? -1 : 0;
}

void
first_handler_tell(uint64_t index)
{
	const struct rlimit above = { middle + index, middle + index },
			    below = { middle - index, middle - index };

	if (middle == 0 || is_told)
		return;
	is_told = true;
	setrlimit(ABOVE, &above);
	setrlimit(BELOW, &below);
}

bool
first_handler_of(pid_t child, uint64_t *index)
{
	struct rlimit above, below;

	if (middle == 0 || prlimit(child, ABOVE, NULL, &above) < 0 ||
	    prlimit(child, BELOW, NULL, &below) < 0)
		return false;
	*index = above.rlim_max - middle;
	return above.rlim_max >= middle && below.rlim_max <= middle &&
	    *index == middle - below.rlim_max;
}
