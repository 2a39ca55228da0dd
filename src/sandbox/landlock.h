/*
 * Landlock, by its system calls: rules for what a process may do to files, TCP
 * ports and other processes, which it can add to and never take back. What the
 * kernel does not know yet is left out; landlock_abi tells what that is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_SANDBOX_LANDLOCK_H
#define PRONG_SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The versions of the ABI that brought something prong uses. */
#define LANDLOCK_ABI_FILES    1
#define LANDLOCK_ABI_TRUNCATE 3
#define LANDLOCK_ABI_TCP      4
#define LANDLOCK_ABI_SCOPE    6 /* signals, abstract Unix sockets */

/* Rights below a path. */
#define LANDLOCK_MAY_READ    (1u << 0)
#define LANDLOCK_MAY_LIST    (1u << 1)
#define LANDLOCK_MAY_WRITE   (1u << 2) /* create and remove, too */
#define LANDLOCK_MAY_EXECUTE (1u << 3)

/* The kernel's version, 0 when it has no Landlock or it is off. The environment
 * variable PRONG_LANDLOCK_ABI can lower it, for tests. */
int landlock_abi(void);

/* A ruleset that forbids everything that version can forbid. The descriptor,
 * or -1 and errno. */
int landlock_ruleset_new(int abi);

/* One that forbids signals and abstract Unix sockets outwards, and nothing
 * else; since LANDLOCK_ABI_SCOPE. */
int landlock_scope_new(void);

/* 0, or -1 and errno (ENOENT: no such path). */
int landlock_allow_path(int ruleset, int abi, const char *path,
    unsigned access);
int landlock_allow_connect(int ruleset, int abi, uint16_t port);

/* The process, and what it forks and executes, keeps to the rules from here on.
 * Needs no_new_privs. 0, or -1 and errno. */
int landlock_restrict(int ruleset);

#endif
