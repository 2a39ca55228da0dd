/*
 * Each side writes its own word and then reads the other one, so either the
 * connection sees the release, or the generation sees that it must wake the
 * connection.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/release.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The interval at which the parent is looked for. */
#define LOOK_NS 20000000

void
release_give(struct release *r)
{
	__atomic_store_n(&r->is_given, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&r->is_awaited, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &r->is_given, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void
release_await(struct release *r, pid_t parent)
{
	static const struct timespec wait = { .tv_nsec = LOOK_NS };

	if (__atomic_load_n(&r->is_given, __ATOMIC_SEQ_CST))
		return;
	__atomic_store_n(&r->is_awaited, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&r->is_given, __ATOMIC_SEQ_CST) &&
	    getppid() == parent)
		syscall(SYS_futex, &r->is_given, FUTEX_WAIT, 0, &wait, NULL, 0);
}
