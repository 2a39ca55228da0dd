/*
 * The loans of a generation: which members of pools (worker/member.h) are free for a
 * client, and how many clients wait for one. A worker that accepts lends a connection
 * to a free member; it keeps the connection, which counts in its ledger, until the
 * member has answered.
 *
 * The memory is shared by the generation and the workers that accept, which run no
 * handlers but prong's own. No other process has it. The generation trusts nothing
 * there: what a broken worker writes is a number that may be false.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_LOANS_H
#define PRONG_BASE_LOANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_parcel;
struct loans;

/* Who has a member. */
enum loans_holder {
	LOANS_CLOSED, /* nobody can have it */
	LOANS_FREE,
	LOANS_GENERATION,
	LOANS_WORKER /* and the number of the worker's ledger */
};

/* For so many members, pools and workers. NULL and errno. */
struct loans *loans_new(size_t members, size_t pools, size_t workers);

/* In the generation: the members of a pool, and how many clients may wait for one. */
void loans_set_pool(struct loans *loans, size_t pool, size_t first,
    size_t count, size_t queue);

/* The pool that has the member; whether it has any. */
size_t loans_pool(const struct loans *loans, size_t member);
bool loans_has_members(const struct loans *loans, size_t pool);
/* How many of its members have a client. */
size_t loans_busy(const struct loans *loans, size_t pool);

/* In the generation, around the fork of a worker that accepts. 0, or -1 and errno. */
int loans_share(struct loans *loans, bool with_fork);

/* In the generation: the member is ready for its first client; from here on nobody gets
 * it. loans_close is false if it has a client, and nothing has changed; loans_end is for
 * a member that has ended, after it had begun to serve so many. */
void loans_open(struct loans *loans, size_t member);
bool loans_close(struct loans *loans, size_t member);
void loans_end(struct loans *loans, size_t member, uint64_t begun);
/* None is free any more. */
void loans_stop(struct loans *loans);
bool loans_are_stopped(const struct loans *loans);

/* Takes a free member of the pool for that client, its first free one. False: there is
 * none. */
bool loans_take(struct loans *loans, size_t pool, uint32_t holder,
    const struct ledger_parcel *client, size_t *member);
/* The client that a worker has lent did not get there, if it still has the member. */
void loans_undo(struct loans *loans, size_t member, uint32_t holder);
/* The same holder goes on with another client. */
void loans_keep(struct loans *loans, size_t member,
    const struct ledger_parcel *client);
/* That holder has no more use for it. is_last: it serves no other client. */
void loans_give(struct loans *loans, size_t member, uint32_t holder,
    bool is_last);

/* A client of a member: the number of the member's process in its place, and of the
 * client there. */
struct loans_mark {
	uint64_t start, client;
};
struct loans_mark loans_mark(const struct loans *loans, size_t member);
/* In a worker, when that member has ended, or has cut the link: whether it had begun
 * to serve that client. begun: how many its ledger says that it has. */
bool loans_had_begun(const struct loans *loans, size_t member,
    const struct loans_mark *mark, uint64_t begun);

/* Who has it (enum loans_holder); how many clients workers have lent to it; the
 * present one. */
uint32_t loans_holder(const struct loans *loans, size_t member);
uint64_t loans_clients(const struct loans *loans, size_t member);
void loans_client(const struct loans *loans, size_t member,
    struct ledger_parcel *client);

/* In the worker of that number, from 1 on: one more client has a member of the pool, or
 * waits for one, unless there are as many as may. And it has left. */
bool loans_admit(struct loans *loans, size_t pool, size_t worker);
void loans_dismiss(struct loans *loans, size_t pool, size_t worker);

/* There, too: so many more of them wait. Those of all workers, and of that one. In the
 * generation: the worker has ended. */
void loans_wait(struct loans *loans, size_t pool, size_t worker, int more);
size_t loans_waiting(const struct loans *loans, size_t pool);
size_t loans_waiting_of(const struct loans *loans, size_t pool, size_t worker);
void loans_forget_worker(struct loans *loans, size_t worker);

/* In the generation: so many clients wait there for a member of the pool; workers leave
 * the next one to it. */
void loans_tell(struct loans *loans, size_t pool, size_t queued);
bool loans_are_queued(const struct loans *loans, size_t pool);

/* The generation looks no more, as no member has a client. In a worker that takes one:
 * whether the generation has to be woken. */
void loans_rest(struct loans *loans);
bool loans_wake(struct loans *loans);

#endif
