/* SPDX-License-Identifier: ISC */
#include "status/signal_name.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static const char *const names[] = { [SIGQUIT] = "SIGQUIT",
	[SIGILL] = "SIGILL",
	[SIGTRAP] = "SIGTRAP",
	[SIGABRT] = "SIGABRT",
	[SIGBUS] = "SIGBUS",
	[SIGFPE] = "SIGFPE",
	[SIGKILL] = "SIGKILL",
	[SIGSEGV] = "SIGSEGV",
	[SIGPIPE] = "SIGPIPE",
	[SIGTERM] = "SIGTERM",
	[SIGXCPU] = "SIGXCPU",
	[SIGXFSZ] = "SIGXFSZ",
	[SIGSYS] = "SIGSYS" };

const char *
signal_name(uint64_t number, char out[SIGNAL_NAME_BYTES])
{
	if (number < sizeof(names) / sizeof(names[0]) && names[number])
		snprintf(out, SIGNAL_NAME_BYTES, "%s", names[number]);
	else
		snprintf(out, SIGNAL_NAME_BYTES, "%" PRIu64, number);
	return out;
}
