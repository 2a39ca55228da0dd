/* SPDX-License-Identifier: ISC */
#include "sandbox/gaps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/refused.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"

#define TEXT_BYTES 256

struct gaps
gaps_find(void)
{
	struct gaps g = { .abi = landlock_abi() };

	g.abi_error = errno;
	g.has_filter = filter_is_known();
	g.filter_error = errno;
	return g;
}

/* A kernel says ENOSYS, EOPNOTSUPP (switched off) or EINVAL. */
static bool
is_refused(int error)
{
	return error == EPERM || error == EACCES;
}

/* A main clause that says why there is none. */
static const char *
explain(char text[TEXT_BYTES], const char *what, const char *call, int error)
{
	if (is_refused(error))
		snprintf(text, TEXT_BYTES, "%s is refused here (%s: %s%s)",
		    what, call, strerror(error), refused_hint(error));
	else
		snprintf(text, TEXT_BYTES, "this kernel has no %s", what);
	return text;
}

static const char *
explain_landlock(char text[TEXT_BYTES], const struct gaps *g)
{
	return explain(text, "Landlock", "landlock_create_ruleset",
	    g->abi_error);
}

static const char *
explain_filter(char text[TEXT_BYTES], const struct gaps *g)
{
	return explain(text, "seccomp", "seccomp", g->filter_error);
}

/* Logs the restrictions that Landlock of this kernel lacks. */
static void
log_landlock_gaps(const struct gaps *g)
{
	char text[TEXT_BYTES];

	if (g->abi == 0)
		log_warning("sandbox: %s: handlers are kept from system calls, "
			    "not from files",
		    explain_landlock(text, g));
	else if (g->abi < LANDLOCK_ABI_SCOPE)
		log_info("sandbox: Landlock ABI %d of this kernel does not "
			 "confine%s%s abstract Unix sockets%s",
		    g->abi,
		    g->abi < LANDLOCK_ABI_TRUNCATE ? " truncation," : "",
		    g->abi < LANDLOCK_ABI_TCP ? " TCP ports," : "",
		    g->has_filter ? "; signals are kept in by a filter of "
				    "each connection's own" :
				    " and signals");
}

static void
log_nothing(const struct gaps *g)
{
	char landlock[TEXT_BYTES], filter[TEXT_BYTES];

	if (is_refused(g->abi_error) || is_refused(g->filter_error))
		log_warning("sandbox: %s, and %s: handlers may do whatever the "
			    "server's user may",
		    explain_landlock(landlock, g), explain_filter(filter, g));
	else
		log_warning("sandbox: this kernel has neither Landlock nor "
			    "seccomp: handlers may do whatever the server's "
			    "user may");
}

void
gaps_log(enum sandbox_mode mode, const struct gaps *g)
{
	char text[TEXT_BYTES];

	if (mode == SANDBOX_LOG) {
		log_warning(
		    "sandbox = \"log\": what it would refuse to handlers "
		    "is logged, and permitted");
	} else if (mode == SANDBOX_OFF) {
		log_warning("sandbox = \"off\": handlers may do whatever the "
			    "server's user may");
	} else if (!g->has_filter && g->abi == 0) {
		log_nothing(g);
	} else {
		if (!g->has_filter)
			log_warning(
			    "sandbox: %s: handlers are kept from files, "
			    "not from system calls",
			    explain_filter(text, g));
		log_landlock_gaps(g);
	}
}

bool
gaps_permit(enum sandbox_mode mode, const struct gaps *g)
{
	char text[TEXT_BYTES];

	if (mode != SANDBOX_REQUIRED)
		return true;
	if (g->abi == 0 && is_refused(g->abi_error))
		log_error("sandbox = \"required\", and %s; \"on\" goes on "
			  "without",
		    explain_landlock(text, g));
	else if (g->abi < LANDLOCK_ABI_SCOPE)
		log_error("sandbox = \"required\", and Landlock ABI %d of this "
			  "kernel is below %d; \"on\" goes on without",
		    g->abi, LANDLOCK_ABI_SCOPE);
	else if (!g->has_filter)
		log_error("sandbox = \"required\", and %s; \"on\" goes on "
			  "without",
		    explain_filter(text, g));
	else
		return true;
	return false;
}
