/*
 * The guardian: where handlers may start processes, the process of a connection
 * forks before the first handler runs. The child goes on as the connection, and
 * the parent guards it: it counts the processes that descend from it, and ends
 * them all with it. It is their subreaper, so none can leave it; and, on a kernel
 * with scopes (landlock.h), in an outer scope of signals, so that one call ends
 * all that is within, however fast it forks, and nothing within can reach the
 * guardian. It holds no descriptor of the client.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CONNECTION_GUARDIAN_H
#define PRONG_CONNECTION_GUARDIAN_H

#include <signal.h>

struct channel;
struct route;
struct sandbox;

/* The exit statuses of a guardian when SIGKILL has ended its child: only one that
 * was killed itself ends by that signal. With the second the child had reached a
 * limit; a line of the guardian says which, but the child may have damaged the ring
 * of both. The third stands for these statuses where the child itself has exited
 * with one. */
#define GUARDIAN_WARD_KILLED  (128 + SIGKILL)
#define GUARDIAN_WARD_LIMITED (128 + SIGXCPU)
#define GUARDIAN_WARD_LIED    255

/* Returns in the child. The guardian ends with the exit status or the signal of
 * the child, after every process that descends from it has ended, and by SIGTERM
 * when it has got that; see above for SIGKILL. 0, or -1 and errno when there is no
 * guardian: then no handler may run. */
int guardian_begin(const struct channel *channel, const struct sandbox *sandbox,
    const struct route *route);

#endif
