/*
 * The observer: a process that logs what the sandbox would refuse, and lets it
 * happen, for sandbox = "log". The kernel stops each such call in the generation,
 * its connections and their programs until the observer has said that it goes on
 * (seccomp_unotify(2)). So it is slow, and protects from nothing. Arguments in
 * memory are not looked at: paths, ports, addresses.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_OBSERVER_H
#define PRONG_SANDBOX_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

/* The routes that share rules. */
struct observer_rules {
	const char *route; /* the first of them */
	uint64_t needs;	   /* PRONG_NEEDS_... */
};

/* Called in the generation: starts the observer, which ends after the last
 * process that it is asked by. Requires no_new_privs. 0, or -1 and errno. */
int observer_start(const struct observer_rules *rules, size_t count);

/* Called in a connection: these rules would hold from here on. */
void observer_tell(size_t rules);

#endif
