/* SPDX-License-Identifier: ISC */
#include "sandbox/oom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"

/* As much as 30 % of all memory would add; 1000 is the kernel's maximum. */
#define MORE	300
#define MAXIMUM 1000

/* Of the descriptor, or above. */
#define NUMBER 16

static int file = -1;
static char own[16], raised[16];

void
oom_open(void)
{
	int value;

	file = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	/* Low numbers stay free for descriptors that connections keep. */
	if (file < 0 || descriptor_move(&file, NUMBER) < 0 ||
	    read(file, own, sizeof(own) - 1) <= 0) {
		descriptor_close(file);
		file = -1;
		return;
	}
	value = atoi(own);
	snprintf(own, sizeof(own), "%d", value);
	snprintf(raised, sizeof(raised), "%d",
	    value + MORE < MAXIMUM ? value + MORE : MAXIMUM);
}

int *
oom_descriptor(void)
{
	return &file;
}

static void
put(const char *value)
{
	if (file < 0 || pwrite(file, value, strlen(value), 0) >= 0)
		return;
	log_warning("cannot write %s to /proc/self/oom_score_adj: %s", value,
	    strerror(errno));
	close(file);
	file = -1;
}

void
oom_raise(void)
{
	put(raised);
}

void
oom_restore(void)
{
	int saved = errno;

	put(own);
	errno = saved;
}
