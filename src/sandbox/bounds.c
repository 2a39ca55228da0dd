/* SPDX-License-Identifier: ISC */
#include "sandbox/bounds.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Without a limit of the user's a connection has at most so many signals. */
#define PENDING_SIGNALS 32768

static uint64_t mapped_bytes;  /* 0: unknown */
static rlim_t hard_open_files; /* of the generation */

static int
set(int resource, rlim_t max)
{
	const struct rlimit both = { max, max };

	return setrlimit((__rlimit_resource_t)resource, &both);
}

/* The kernel counts pending signals for a user, and compares with the limit of
 * the process. Those of connections can use one half; standard signals, as for
 * setitimer(2), are delivered beyond all limits. */
static void
share_signals(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_SIGPENDING, &limit) == 0)
		set(RLIMIT_SIGPENDING,
		    limit.rlim_max == RLIM_INFINITY ? PENDING_SIGNALS :
						      limit.rlim_max / 2);
}

/* The first number there is the size of all mappings, in pages. */
static uint64_t
read_mapped(void)
{
	char text[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	descriptor_close(fd);
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

void
bounds_open(size_t apart)
{
	struct rlimit limit = { BOUNDS_OPEN_FILES, BOUNDS_OPEN_FILES };

	mapped_bytes = read_mapped();
	mapped_bytes -= mapped_bytes > apart ? apart : 0;
	getrlimit(RLIMIT_NOFILE, &limit);
	hard_open_files = limit.rlim_max;
	share_signals();
}

/* RLIMIT_DATA counts private memory that was there at the fork, too; shared
 * memory comes with addresses only. */
static int
enter_memory(const struct bounds *b)
{
	if (b->max_memory_bytes == 0)
		return 0;
	if (b->counts_shared && mapped_bytes > 0 &&
	    set(RLIMIT_AS, mapped_bytes + b->max_memory_bytes) < 0)
		return -1;
	return set(RLIMIT_DATA, b->max_memory_bytes);
}

/* The rest of a second, and one for what the server itself uses. */
static int
enter_cpu(uint64_t ms)
{
	return ms == 0 ? 0 : set(RLIMIT_CPU, (ms + 999) / 1000 + 1);
}

int
bounds_enter(const struct bounds *b)
{
	rlim_t files = b->max_open_files;

	if (files == 0)
		files = hard_open_files < BOUNDS_OPEN_FILES ? hard_open_files :
							      BOUNDS_OPEN_FILES;
	return enter_memory(b) < 0 || enter_cpu(b->max_cpu_ms) < 0 ||
		set(RLIMIT_NOFILE, files) < 0 ?
	    -1 :
	    0;
}
