/*
 * Landlock, by its system calls: rules for the access of a process to files,
 * TCP ports and other processes. A process can add restrictions, and never
 * remove one. Restrictions that the kernel does not know yet are left out, as
 * landlock_abi tells.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_LANDLOCK_H
#define PRONG_SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The versions of the ABI that brought features used here. */
#define LANDLOCK_ABI_FILES    1
#define LANDLOCK_ABI_TRUNCATE 3
#define LANDLOCK_ABI_TCP      4
#define LANDLOCK_ABI_SCOPE    6 /* signals, abstract Unix sockets */

/* Rights below a path. */
#define LANDLOCK_MAY_READ    (1u << 0)
#define LANDLOCK_MAY_LIST    (1u << 1)
#define LANDLOCK_MAY_WRITE   (1u << 2) /* create and remove, too */
#define LANDLOCK_MAY_EXECUTE (1u << 3)
#define LANDLOCK_MAY_DUMP    (1u << 4) /* create, write and remove files */

/* The kernel's version of the ABI; 0 and errno when Landlock is missing, off or
 * refused. */
int landlock_abi(void);

/* Makes a ruleset that forbids all that the version can forbid. Returns the
 * descriptor, or -1 and errno. */
int landlock_ruleset_new(int abi);

/* Makes a ruleset that only forbids signals to other processes and their
 * abstract Unix sockets; since LANDLOCK_ABI_SCOPE. */
int landlock_scope_new(void);

/* Add a rule. 0, or -1 and errno (ENOENT: no such path). */
int landlock_allow_path(int ruleset, int abi, const char *path,
    unsigned access);
int landlock_allow_file(int ruleset, int abi, int fd, unsigned access);

/* Whether an error of opening a path says that nothing is there, or may be seen:
 * no rule is needed. */
bool landlock_is_missing(int error);
int landlock_allow_connect(int ruleset, int abi, uint16_t port);

/* The name of the system call that was made last, for messages; NULL: none. */
const char *landlock_last_call(void);

/* The rules hold for this process, its children and the programs they execute
 * from here on. Requires no_new_privs. 0, or -1 and errno. */
int landlock_restrict(int ruleset);

#endif
