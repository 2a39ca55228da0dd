/* SPDX-License-Identifier: ISC */
#include "sandbox/gaps.h"

#include "base/log.h"
#include "sandbox/landlock.h"

/* Logs the restrictions that Landlock of this kernel lacks. */
static void
log_landlock_gaps(int abi, bool has_filter)
{
	if (abi == 0)
		log_warning("sandbox: this kernel has no Landlock: handlers "
			    "are kept from system calls, not from files");
	else if (abi < LANDLOCK_ABI_SCOPE)
		log_info("sandbox: Landlock ABI %d of this kernel does not "
			 "confine%s%s abstract Unix sockets%s",
		    abi, abi < LANDLOCK_ABI_TRUNCATE ? " truncation," : "",
		    abi < LANDLOCK_ABI_TCP ? " TCP ports," : "",
		    has_filter ? "; signals are kept in by a filter of each "
				 "connection's own" :
				 " and signals");
}

void
gaps_log(enum sandbox_mode mode, int abi, bool has_filter)
{
	if (mode == SANDBOX_LOG) {
		log_warning(
		    "sandbox = \"log\": what it would refuse to handlers "
		    "is logged, and permitted");
	} else if (mode == SANDBOX_OFF) {
		log_warning("sandbox = \"off\": handlers may do whatever the "
			    "server's user may");
	} else if (!has_filter && abi == 0) {
		log_warning("sandbox: this kernel has neither Landlock nor "
			    "seccomp: handlers may do whatever the server's "
			    "user may");
	} else {
		if (!has_filter)
			log_warning("sandbox: this kernel has no seccomp: "
				    "handlers are kept from files, not from "
				    "system calls");
		log_landlock_gaps(abi, has_filter);
	}
}

bool
gaps_permit(enum sandbox_mode mode, int abi, bool has_filter)
{
	if (mode != SANDBOX_REQUIRED)
		return true;
	if (abi < LANDLOCK_ABI_SCOPE)
		log_error("sandbox = \"required\", and Landlock ABI %d of this "
			  "kernel is below %d; \"on\" goes on without",
		    abi, LANDLOCK_ABI_SCOPE);
	else if (!has_filter)
		log_error("sandbox = \"required\", and this kernel has no "
			  "seccomp; \"on\" goes on without");
	else
		return true;
	return false;
}
